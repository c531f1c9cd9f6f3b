import LogicalTime
import ScaleModel
import Snapshots
import Testing

@testable import Workloads

@Suite("The catalog of workloads")
struct CatalogTests {
  private struct Field1: NamedWorkload, IdleWorkload {
    static var name: String { "one" }
    static var summary: String { "" }
    var value: Int64 = 0
    init(_ options: WorkloadOptionValues, topology: Topology) {}
    var stateFields: [Field<Field1>] { [Field("queue_length", \.value)] }
  }

  private let topology = Topology(completeWith: 3)

  @Test("The shipped workloads have names and options of their own")
  func shipped() throws {
    let catalog = try WorkloadCatalog(ShippedWorkloads.all)
    #expect(
      catalog.workloads.map { $0.name } == [
        "mutex-lamport", "mutex-ricart-agrawala", "token-ring", "election-ring", "termination",
        "echo",
      ])
    #expect(catalog.options.map(\.name) == ["want", "inside", "pass", "spread", "rest"])
    for workload in catalog.workloads {
      #expect(workload.options.allSatisfy { $0.admits($0.defaultText) })
    }
  }

  @Test("Two workloads of one name, and options of the tool's names, are refused")
  func clashes() {
    #expect(throws: WorkloadRefusal("two workloads are called 'echo'; rename one of them")) {
      try WorkloadCatalog([EchoWave.self, EchoWave.self])
    }
    #expect(throws: WorkloadRefusal.self) {
      try WorkloadCatalog([TokenRing.self], reservedOptions: ["pass"])
    }
  }

  /// A workload with any name and options.
  private struct Other: NamedWorkload, IdleWorkload {
    nonisolated(unsafe) static var name = "other"
    nonisolated(unsafe) static var options: [WorkloadOption] = []
    static var summary: String { "" }
    init(_ options: WorkloadOptionValues, topology: Topology) {}
  }

  @Test("Names and options that cannot be, or differ, are refused, each with its workload")
  func declarations() {
    func refusal(
      _ name: String, _ options: [(name: String, kind: WorkloadOption.Kind, value: String)] = []
    ) -> String? {
      Other.name = name
      Other.options = options.map {
        WorkloadOption($0.name, "N", help: "", $0.kind, default: $0.value)
      }
      do {
        _ = try WorkloadCatalog(
          ShippedWorkloads.all + [Other.self], reservedOptions: ["seed", "help"])
        return nil
      } catch { return "\(error)" }
    }
    #expect(refusal("other", [("size", .integer(1...9), "3"), ("note", .text, "")]) == nil)
    for name in ["", "Other", "an other", "other-", "-other", "o--r", "2nd", "o_r", "é"] {
      #expect(refusal(name)?.contains("name it by lower-case words joined by hyphens") == true)
    }
    for builtIn in ["bank", "chatter", "echo"] {
      #expect(refusal(builtIn) == "two workloads are called '\(builtIn)'; rename one of them")
    }
    let location = "workload 'other', option "
    #expect(
      refusal("other", [("seed", .text, "x")])
        == location + "'seed': the tool has an option of this name; rename it")
    #expect(
      refusal("other", [("want", .probability, "0.1")])
        == location + "'want': workload 'mutex-lamport' has declared it already, and differently; "
        + "rename one of them")
    #expect(
      refusal("other", [("size", .text, "a"), ("size", .text, "a")])
        == location
        + "'size': workload 'other' has declared it already, and differently; rename one "
        + "of them")
    #expect(
      refusal("other", [("size", .integer(1...9), "10")])
        == location + "'size': the default is '10'; expected a whole number from 1 to 9")
  }

  @Test("A field named like a column, an unknown option, and a value out of bounds are refused")
  func refusals() throws {
    let catalog = try WorkloadCatalog([Field1.self, LamportMutex.self])
    func refusal(_ name: String, _ options: [String: String]) -> String? {
      do {
        _ = try catalog.choice(named: name, options: options, topology: topology)
        return nil
      } catch { return "\(error)" }
    }
    #expect(
      refusal("one", [:])
        == "workload 'one', field 'queue_length': a column or another field has this name")
    #expect(refusal("mutex-lamport", [:]) == nil)
    #expect(refusal("mutex-lamport", ["inside": "9"]) == nil)
    #expect(refusal("mutex-lamport", ["pass": "1"]) == "there is no option 'pass'")
    #expect(
      refusal("mutex-lamport", ["want": "1.5"])
        == "--want is '1.5'; expected a probability from 0 to 1, such as 0.2")
    #expect(refusal("mutex", [:]) == "this program has no workload 'mutex'")
  }

  @Test("An erased workload does what the workload does", arguments: 1...20 as ClosedRange<UInt64>)
  func erased(seed: UInt64) throws {
    let options = try WorkloadOptionValues(["want": "0.5"], of: LamportMutex.options)
    var plain = Machine(
      id: 1, neighbours: topology.neighbourhood(of: 1),
      workload: try LamportMutex(options, topology: topology), seed: seed,
      channels: TopologyChannels(topology))
    var erased = Machine(
      id: 1, neighbours: topology.neighbourhood(of: 1),
      workload: ErasedWorkload(try LamportMutex(options, topology: topology)), seed: seed,
      channels: TopologyChannels(topology))
    var (plainSink, erasedSink) = (TextSink<LamportMutex>(), TextSink<ErasedWorkload>())
    var random = SplitMix64(state: seed)
    for _ in 0..<200 {
      if random.draw(below: 3) == 0 {
        let kind = MutexMessage.Kind.allCases[Int(random.draw(below: 3))]
        let source = MachineID([0, 2][Int(random.draw(below: 2))])
        let reading = plain.clock.reading + random.draw(below: 3)
        plain.arrive(
          Message(source: source, reading: reading, payload: MutexMessage(kind: kind)))
        erased.arrive(
          Message(
            source: source, reading: reading, payload: FieldPayload([.text(kind.rawValue)])))
      }
      plain.tick(into: &plainSink)
      erased.tick(into: &erasedSink)
    }
    #expect(plainSink.lines == erasedSink.lines)
    #expect(plainSink.lines.contains { $0.contains("waiting") })
  }
}

/// Writes a machine's effects as text, so that those of two types can be compared.
private struct TextSink<Work: Workload>: TickSink {
  var lines: [String] = []
  private let topology = Topology(completeWith: 3)

  func neighbour(_ machine: MachineID) -> Neighbour? { topology.neighbour(machine, of: 1) }
  mutating func send(_ message: Message<Work.Payload>, to neighbour: Neighbour) {
    lines.append("send \(message.reading) to \(neighbour.index)")
  }
  mutating func sendToAll(_ message: Message<Work.Payload>) {
    lines.append("send \(message.reading) to all")
  }
  mutating func log(_ event: Event, payload: Work.Payload?, workload: Work) {
    let fields = WorkloadFields(workload)
    lines.append(
      "\(event) \(payload.map { fields.values(of: $0) } ?? []) \(fields.values(of: workload))")
  }
}
