import Testing

@testable import Service

/// The examples of the encoding's own documentation, and bytes that are no message.
///
/// - SeeAlso: <https://protobuf.dev/programming-guides/encoding/>
@Suite("Protocol Buffers, the encoding")
struct ProtobufTests {
  /// The messages of the documentation's examples, in one.
  private struct Sample: ProtobufMessage {
    var number: Int64 = 0
    var text = ""
    var nested: Inner?
    var texts: [String] = []
    var numbers: [Int32] = []
    var small: Int32 = 0
    var flag = false
    var large: UInt64 = 0
    var bytes: [UInt8] = []
    var choice: String?
    var inners: [Inner] = []

    static let shape = MessageShape<Self>(
      "test.Sample",
      .one(1, "number", \.number), .one(2, "text", \.text), .message(3, "nested", \.nested),
      .many(5, "texts", \.texts), .packed(6, "numbers", \.numbers), .one(7, "small", \.small),
      .one(8, "flag", \.flag), .one(9, "large", \.large), .one(10, "bytes", \.bytes),
      .optional(11, "choice", choice: "choice", \.choice), .messages(200, "inners", \.inners))
  }

  private struct Inner: ProtobufMessage {
    var number: Int64 = 0
    var deeper: [Inner] = []

    static let shape = MessageShape<Self>(
      "test.Inner", .one(1, "number", \.number),
      .messages(2, "deeper", of: "test.Inner", \.deeper))
  }

  private static func sample(_ change: (inout Sample) -> Void) -> Sample {
    var sample = Sample()
    change(&sample)
    return sample
  }

  private static let examples: [(message: Sample, bytes: [UInt8])] = [
    (Sample(), []),
    (sample { $0.number = 150 }, [0x08, 0x96, 0x01]),
    (sample { $0.text = "testing" }, [0x12, 0x07] + Array("testing".utf8)),
    (sample { $0.nested = Inner(number: 150) }, [0x1A, 0x03, 0x08, 0x96, 0x01]),
    (sample { $0.nested = Inner() }, [0x1A, 0x00]),
    (
      sample { $0.texts = ["1", "", "3"] },
      [0x2A, 0x01, 0x31, 0x2A, 0x00, 0x2A, 0x01, 0x33]
    ),
    (
      sample { $0.numbers = [3, 270, 86942] },
      [0x32, 0x06, 0x03, 0x8E, 0x02, 0x9E, 0xA7, 0x05]
    ),
    (
      sample { $0.small = -2 },
      [0x38, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]
    ),
    (sample { $0.flag = true }, [0x40, 0x01]),
    (
      sample { $0.large = .max },
      [0x48, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]
    ),
    (sample { $0.bytes = [0, 255] }, [0x52, 0x02, 0x00, 0xFF]),
    (sample { $0.choice = "" }, [0x5A, 0x00]),
    (sample { $0.inners = [Inner(number: 1)] }, [0xC2, 0x0C, 0x02, 0x08, 0x01]),
  ]

  @Test("Each value is written as the documentation says, and read back", arguments: 0..<13)
  func examples(index: Int) throws {
    let example = Self.examples[index]
    #expect(example.message.encoded == example.bytes)
    #expect(try Sample(encoded: example.bytes) == example.message)
  }

  @Test("All fields together come back, in the order of their numbers")
  func together() throws {
    var whole = Sample()
    for example in Self.examples {
      var reader = ProtobufReader(example.bytes)
      try whole.merge(from: &reader)
    }
    // An empty message inside another one adds nothing to it.
    let bytes = Self.examples.map(\.bytes).filter { $0 != [0x1A, 0x00] }.flatMap { $0 }
    #expect(whole.encoded == bytes)
    #expect(try Sample(encoded: whole.encoded) == whole)
  }

  @Test(
    "Unknown fields are skipped",
    arguments: [
      [0x60, 0x96, 0x01],  // A number.
      [0x61, 1, 2, 3, 4, 5, 6, 7, 8],  // Eight bytes.
      [0x62, 0x02, 0xFF, 0xFF],  // Counted bytes.
      [0x65, 1, 2, 3, 4],  // Four bytes.
      [0x63, 0x08, 0x01, 0x64],  // A group.
      [0x63, 0x63, 0x64, 0x64],  // A group in a group of the same number.
      [0x0A, 0x01, 0x31],  // A known field in another form.
    ] as [[UInt8]])
  func unknown(bytes: [UInt8]) throws {
    let known: [UInt8] = [0x08, 0x07]
    #expect(try Sample(encoded: bytes + known) == Self.sample { $0.number = 7 })
    #expect(try Sample(encoded: known + bytes) == Self.sample { $0.number = 7 })
  }

  @Test("The last value of a repeated scalar field wins; messages are merged")
  func twice() throws {
    #expect(try Sample(encoded: [0x08, 0x01, 0x08, 0x02]) == Self.sample { $0.number = 2 })
    #expect(
      try Sample(encoded: [0x1A, 0x02, 0x08, 0x01, 0x1A, 0x04, 0x12, 0x02, 0x08, 0x05])
        == Self.sample { $0.nested = Inner(number: 1, deeper: [Inner(number: 5)]) })
  }

  @Test("A number beyond 32 bits is cut to them, as the encoding says")
  func truncated() throws {
    #expect(
      try Sample(encoded: [0x38, 0x81, 0x80, 0x80, 0x80, 0x10]) == Self.sample { $0.small = 1 })
  }

  @Test(
    "Bytes that are no message are refused, each for its reason",
    arguments: [
      ([0x08], .truncated), ([0x80], .truncated), ([0x12, 0x05, 0x31], .truncated),
      ([0x12], .truncated), ([0x61, 1, 2], .truncated), ([0x65], .truncated),
      ([0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .truncated),
      ([0x1A, 0x02, 0x08], .truncated), ([0x1A, 0x01, 0x08], .truncated),
      ([0x63, 0x08, 0x01], .truncated),
      ([0x08] + Array(repeating: 0xFF, count: 10), .numberTooLong),
      ([0x08] + Array(repeating: 0x80, count: 9) + [0x02], .numberTooLong),
      ([0x00], .fieldNumber(0)), ([0x80, 0x80, 0x80, 0x80, 0x10], .fieldNumber(1 << 29)),
      ([0x0E], .wireType(6)), ([0x0F], .wireType(7)),
      ([0x64], .strayGroupEnd(fieldNumber: 12)), ([0x63, 0x6C], .strayGroupEnd(fieldNumber: 13)),
      ([0x12, 0x01, 0xFF], .notText(field: "text")),
      ([0x5A, 0x02, 0xC0, 0x80], .notText(field: "choice")),
      (Array(repeating: 0x63, count: 33), .tooDeep(depthMax: 32)),
    ] as [([UInt8], ProtobufError)])
  func malformed(bytes: [UInt8], error: ProtobufError) {
    #expect(throws: error) { try Sample(encoded: bytes) }
  }

  @Test("Messages nest up to the limit, and no deeper")
  func depth() throws {
    var inner = Inner(number: 1)
    for _ in 1..<32 { inner = Inner(deeper: [inner]) }
    #expect(try Inner(encoded: Inner(deeper: [inner]).encoded).deeper == [inner])
    let deeper = Inner(deeper: [Inner(deeper: [inner])]).encoded
    #expect(throws: ProtobufError.tooDeep(depthMax: 32)) { try Inner(encoded: deeper) }
  }

  @Test("Reading ends with a message or an error, however the bytes are cut or changed")
  func noise() throws {
    let whole = Self.examples.flatMap(\.bytes)
    for end in whole.indices { _ = try? Sample(encoded: Array(whole[..<end])) }
    for index in whole.indices {
      for bit in 0..<8 {
        var bytes = whole
        bytes[index] ^= 1 << bit
        if let sample = try? Sample(encoded: bytes) {
          #expect(try Sample(encoded: sample.encoded) == sample)
        }
      }
    }
  }
}
