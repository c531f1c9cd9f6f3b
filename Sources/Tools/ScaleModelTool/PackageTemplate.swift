import SystemCalls
import TextFormats

/// The files of a package with a workload of its own.
struct PackageTemplate {
  /// Where the package finds this library.
  enum Library: Hashable {
    case checkout(path: String)
    case repository(url: String)

    /// The name by which the manifest refers to it: SwiftPM takes it from the end of its path.
    var identity: String {
      switch self {
      case .checkout(let path): return FileSystem.lastPart(of: path)
      case .repository(let url):
        let name = FileSystem.lastPart(of: url)
        return name.hasSuffix(".git") ? String(name.dropLast(4)) : name
      }
    }

    var dependency: String {
      switch self {
      case .checkout(let path): ".package(path: \(LocatedJSON.quoted(path)))"
      case .repository(let url): ".package(url: \(LocatedJSON.quoted(url)), branch: \"main\")"
      }
    }
  }

  let name: String
  let library: Library

  /// The names that the package's module would clash with: modules of this library and of the
  /// toolchain, and types of the template.
  ///
  /// Compared without case, which some file systems ignore.
  private static let taken = """
    Analysis AnalyzeMain AnalyzeTool BenchTool CNGHTTP2 CPageFiles CSystem CommandLineKit
    CourseFormats Experiments Exploration Laboratory LogImport LogicalTime Page Pictures Predicates
    Programs RunControl RunRecord ScaleModel ScaleModelMain ScaleModelTool Service Snapshots
    SystemCalls TestSupport TextFormats Transport VirtualTime WallTime Workloads Foundation
    FoundationEssentials Glibc Swift Synchronization Testing XCTest Rumour Telling
    """.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }

  /// Whether a package, its folder and its module can have this name.
  static func isName(_ name: String) -> Bool {
    name.wholeMatch(of: /[A-Za-z][A-Za-z0-9_]{0,49}/) != nil && !taken.contains(name.lowercased())
  }

  /// The files, each with its path in the package.
  var files: [(path: String, text: String)] {
    [
      ("Package.swift", PackageResources.manifest_txt),
      ("README.md", PackageResources.readme_txt),
      (".gitignore", Array(".build\nruns\nsweeps\n".utf8)),
      ("Sources/\(name)/main.swift", PackageResources.program_txt),
      ("Sources/\(name)/Rumour.swift", PackageResources.workload_txt),
      ("Tests/\(name)Tests/RumourTests.swift", PackageResources.test_txt),
      ("experiments/01-rumour.json", PackageResources.experiment_txt),
    ].map { path, bytes in (path, filled(bytes)) }
  }

  /// A text of the template with the package's name and the path of the library in it.
  private func filled(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self)
      .replacing("{name}", with: name)
      .replacing("{identity}", with: LocatedJSON.quoted(library.identity))
      .replacing("{dependency}", with: library.dependency)
  }
}
