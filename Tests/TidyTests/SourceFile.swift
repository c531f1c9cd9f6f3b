import SystemCalls
import TestSupport

/// A source file of this project, as text.
struct SourceFile: CustomStringConvertible {
  /// The path relative to the project's folder.
  let path: String
  /// The folder of `Sources` it is in, and the room within it.
  let floor: String, room: String
  let text: String
  let lines: [Substring]
  /// The lines without comments and the insides of strings, with their numbers.
  let code: [(text: String, line: Int)]

  var description: String { path }

  init(path: String, text: String) {
    self.path = path
    self.text = text
    let folders = path.split(separator: "/").dropFirst().map(String.init)
    floor = folders.first ?? ""
    room = folders.dropFirst().first ?? ""
    // A newline at the end of the file does not begin another line.
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    code = Self.code(of: lines)
  }

  /// The imported modules, with their line numbers.
  var imports: [(module: String, line: Int)] {
    lines.enumerated().compactMap { index, line in
      let words = line.split(separator: " ")
      guard let importIndex = words.firstIndex(of: "import"), importIndex + 1 < words.count,
        words[..<importIndex].allSatisfy({ $0.hasPrefix("@") || $0 == "public" || $0 == "package" })
      else { return nil }
      return (String(words[importIndex + 1]), index + 1)
    }
  }

  private static func code(of lines: [Substring]) -> [(text: String, line: Int)] {
    var isInString = false
    return lines.enumerated().map { index, line in
      let quoteCount =
        line.utf8.contains(UInt8(ascii: "\""))
        ? line.split(separator: "\"\"\"", omittingEmptySubsequences: false).count - 1 : 0
      defer { if quoteCount % 2 == 1 { isInString.toggle() } }
      if isInString || quoteCount > 0 { return ("", index + 1) }
      return (withoutStringsAndComments(line), index + 1)
    }
  }

  private static func withoutStringsAndComments(_ line: Substring) -> String {
    // A shortcut: most lines have neither, and the tests read all lines of the project.
    if !line.utf8.contains(UInt8(ascii: "\"")) && !line.utf8.contains(UInt8(ascii: "/")) {
      return String(line)
    }
    if line.drop(while: { $0 == " " }).hasPrefix("//") { return "" }
    var code = ""
    var isInString = false
    var previous: Character = " "
    for character in line {
      if character == "\"" && previous != "\\" {
        isInString.toggle()
      } else if !isInString {
        if character == "/" && previous == "/" { return String(code.dropLast()) }
        code.append(character)
      }
      previous = character == "\\" && previous == "\\" ? " " : character
    }
    return code
  }
}

/// The files of this project.
enum Project {
  private static let path = Repository.path

  static func text(_ file: String) throws -> String {
    String(decoding: try FileSystem.contents(path + "/" + file), as: UTF8.self)
  }

  /// The folders in a folder, by name.
  static func folders(in folder: String) throws -> [String] {
    try FileSystem.entries(path + "/" + folder).sorted().filter {
      FileSystem.isDirectory("\(path)/\(folder)/\($0)")
    }
  }

  /// Every Swift file of `Sources`, by path.
  static func sources() throws -> [SourceFile] { try allSources.get() }

  /// Read once: every test of the house rules asks for them.
  private static let allSources = Result {
    try files(in: "Sources").map { SourceFile(path: $0, text: try text($0)) }
  }

  private static func files(in folder: String) throws -> [String] {
    var files: [String] = []
    for entry in try FileSystem.entries(path + "/" + folder).sorted() {
      let file = "\(folder)/\(entry)"
      if FileSystem.isDirectory(path + "/" + file) {
        files += try Self.files(in: file)
      } else if entry.hasSuffix(".swift") {
        files.append(file)
      }
    }
    return files
  }
}
