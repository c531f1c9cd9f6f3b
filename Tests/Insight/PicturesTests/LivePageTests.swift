import Testing

@testable import Pictures

@Suite("The live page")
struct LivePageTests {
  private let page = LivePage.html(nonce: "n0nce")

  @Test("Every style and script bears the nonce, and nothing else could run or be fetched")
  func policy() {
    let elements = page.split(separator: "<")
    let scripts = elements.filter { $0.hasPrefix("script") || $0.hasPrefix("style") }
    #expect(scripts.count == 2)
    #expect(scripts.allSatisfy { $0.prefix { $0 != ">" }.contains("nonce=\"n0nce\"") })
    #expect(LivePage.html(nonce: "other").split(separator: "nonce=\"other\"").count == 3)
    // Markup, up to the script: no handler, no style of one element, nothing from elsewhere.
    let markup = elements.prefix { !$0.hasPrefix("script") }.joined(separator: "<")
    for forbidden in [" onclick", " onload", " style=", "http://", "https://"] {
      #expect(!markup.contains(forbidden), "\(forbidden)")
    }
    for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
      #expect(!page.contains(forbidden), "\(forbidden)")
    }
  }

  @Test("The page is whole, and smaller than 300 kB")
  func size() {
    #expect(page.utf8.count < 300_000)
    #expect(!page.contains("{{") && page.hasSuffix("</html>\n"))
    #expect(page.contains("<path class=\"snapshot\""), "no key of marks")
  }
}
