import FoundationEssentials
import LogicalTime
import Testing

@Suite("Machine ids")
struct MachineIDTests {
  @Test("Ids compare as numbers, not as text")
  func compareAsNumbers() {
    let ids: [MachineID] = [10, 9, 2, 0, 100, 1]
    #expect(ids.sorted() == [0, 1, 2, 9, 10, 100])
    #expect(!(MachineID(3) < MachineID(3)))
  }

  @Test("An id is written as its number", arguments: [0, 7, 4_294_967_295])
  func writtenAsNumber(index: Int) throws {
    let id = MachineID(index)
    #expect(id.index == index)
    #expect(id.number == UInt32(index))
    #expect("\(id)" == "\(index)")
    let json = String(decoding: try JSONEncoder().encode([id]), as: UTF8.self)
    #expect(json == "[\(index)]")
    #expect(try JSONDecoder().decode([MachineID].self, from: Data(json.utf8)) == [id])
  }

  @Test(
    "What is no machine's number is refused",
    arguments: ["[-1]", "[4294967296]", "[1.5]", "[\"0\"]", "[null]"])
  func refused(json: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([MachineID].self, from: Data(json.utf8))
    }
  }

  @Test("A malformed number is not an id")
  func numbersOutOfRangeTrap() async {
    await #expect(processExitsWith: .failure) { _ = MachineID(Int("-1") ?? 0) }
    await #expect(processExitsWith: .failure) { _ = MachineID(Int(UInt32.max) + 1) }
  }
}
