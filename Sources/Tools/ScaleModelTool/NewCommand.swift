import CommandLineKit
import SystemCalls

/// `scalemodel new`: writes a package with a workload of the user's own.
struct NewCommand {
  private static let package = Option.text(
    "--package", "PATH|URL",
    help: "where this library is: its checkout or repository (the checkout this was built from)")

  static let command = Command(
    name: "scalemodel new",
    summary: "Write a package with a workload of your own, which builds and runs as it is.",
    argumentsUsage: "NAME", argumentCount: 1...1,
    details: """
      The package is a folder NAME with a program of that name: every command of this tool, for the
      shipped workloads and yours. Besides the workload it has a test, an experiment for 'sweep',
      and a README with the next steps.
      """,
    example: """
      scalemodel new MyLab && cd MyLab
      swift run -c release MyLab run --workload rumour --runtime virtual
      swift run -c release MyLab analyze --report
      """,
    options: [package.shape])

  let console: Console
  private let template: PackageTemplate

  /// Reads the words of a call.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    let name = words.arguments.first ?? ""
    guard PackageTemplate.isName(name) else {
      throw UsageError.contradiction(
        "'\(name)' cannot be a package's name; take a letter, then letters and digits, such as "
          + "MyLab, and no name of one of its modules")
    }
    template = PackageTemplate(
      name: name, library: try Self.library(try words.value(of: Self.package)))
  }

  /// Where the package finds this library.
  private static func library(_ word: String?) throws -> PackageTemplate.Library {
    if let word, word.contains("://") || word.hasPrefix("git@") { return .repository(url: word) }
    let path = word ?? checkout
    guard isCheckout(path), let whole = FileSystem.resolved(path) else {
      guard let word else {
        throw UsageError.contradiction(
          "the checkout this program was built from is no longer at '\(checkout)'; say where one "
            + "is with --package PATH, or name a repository with --package URL")
      }
      throw ToolFailure(
        .noInput,
        "--package: '\(word)' is no checkout of this library; give the folder that its "
          + "Package.swift is in")
    }
    return .checkout(path: whole)
  }

  /// The checkout that this program was built from, as far as it is still there.
  private static var checkout: String {
    (0..<4).reduce(#filePath) { path, _ in FileSystem.parentPath(of: path) }
  }

  private static func isCheckout(_ path: String) -> Bool {
    FileSystem.exists(path + "/Package.swift")
      && FileSystem.isDirectory(path + "/Sources/Tools/Laboratory")
  }

  /// Writes the package: whole, or not at all.
  func run() throws -> ExitCode {
    let name = template.name
    guard !FileSystem.exists(name), !FileSystem.isLink(name) else {
      throw ToolFailure(
        .cannotCreate, "'\(name)' exists; choose another name, or go into another folder")
    }
    let partial = ".\(name).partial"
    do throws(SystemError) {
      try FileSystem.removeTree(partial)
      for (path, text) in template.files {
        let whole = "\(partial)/\(path)"
        try FileSystem.makeDirectory(FileSystem.parentPath(of: whole))
        try FileSystem.replace(whole, with: text)
      }
      try FileSystem.move(partial, to: name)
    } catch {
      try? FileSystem.removeTree(partial)
      throw ToolFailure(refusedOutput: error.about(name), advice: "go into another folder")
    }
    try console.print(lines: [
      "\(name)/", "  swift run -c release \(name) run --workload rumour --runtime virtual",
    ])
    return .done
  }
}
