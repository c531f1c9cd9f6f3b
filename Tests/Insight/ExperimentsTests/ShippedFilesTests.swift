import RunRecord
import SystemCalls
import TestSupport
import Testing
import TextFormats

@testable import Experiments

/// The files of the folder `experiments`.
@Suite("The experiments of this project")
struct ShippedFilesTests {
  @Test("Each can be read, and has the number of a page in the notebook")
  func readable() throws {
    let notebook = String(
      decoding: try FileSystem.contents(Repository.path + "/notebook/README.md"), as: UTF8.self)
    let pages = notebook.matches(of: #/\n\| \[(\d\d)\]\(/#).compactMap { Int($0.1) }
    #expect(pages.count >= 12 && pages == pages.sorted())
    let names = try FileSystem.entries(Self.folder).filter { $0.contains(/^[0-9].*\.json$/) }
    #expect(names.count >= 7)
    for name in names.sorted() {
      let experiment = try Experiment(parsing: Self.bytes(name), path: name)
      // A page may have more than one experiment, which share its number.
      let number = try #require(Int(experiment.name.prefix { $0 != "-" }))
      #expect(pages.contains(number))
      #expect(!experiment.runs.isEmpty)
    }
  }

  @Test("The schema for editors has the program's keys, and no others")
  func schemaKeys() throws {
    let schema = try JSONParser.parse(Self.bytes("experiment.schema.json"))
    #expect(try Self.keys(of: schema).sorted() == Experiment.Key.allCases.map(\.rawValue).sorted())
    let properties = try #require(schema[key: "properties"])
    for key in ["options", "axes"] {
      let options = try Self.keys(of: #require(properties[key: key]))
      #expect(options == ExperimentOption.all.map(\.key))
    }
  }

  private static func keys(of schema: LocatedJSON) throws -> [String] {
    try #require(schema[key: "properties"]?.members).map(\.key)
  }

  private static func bytes(_ name: String) throws -> [UInt8] {
    try FileSystem.contents(folder + "/" + name)
  }

  private static let folder = Repository.path + "/experiments"
}
