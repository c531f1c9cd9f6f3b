import LogicalTime
import RunControl
import ScaleModel
import Snapshots

/// A message between two machines, one frame each.
package enum WireMessage: Hashable, Sendable {
  /// The first frame in each direction: the sender's machine and run.
  case hello(Hello)
  /// The first frame of a control client; `id` is the machine that it wants to reach.
  case clientHello(Hello)
  /// The answer to a control client that is admitted: lines of JSON follow, no frames.
  case welcome
  /// The answer to a hello that is rejected, a control client's included; nothing follows.
  case refusal(Refusal)
  /// A message of the model: the reading of its send, and the values of its fields.
  case message(reading: UInt64, content: MessageContent)
  /// The same from a sender that is in a round of a snapshot algorithm.
  case roundMessage(Round, reading: UInt64, content: MessageContent)
  /// A marker of a snapshot.
  case marker(initiator: MachineID, number: UInt32)

  /// What a machine or a control client shows to be admitted.
  package struct Hello: Hashable, Sendable {
    /// The machine that sends it; in a client's hello the machine that it wants to reach.
    package var id: MachineID
    /// The run's random token, 16 bytes as two words.
    package var token: RunToken
    /// A digest of the plan, which all machines of a run must share.
    package var planDigest: UInt64

    /// Makes a hello of this machine, or a client's to it.
    package init(id: MachineID, token: RunToken, planDigest: UInt64) {
      self.id = id
      self.token = token
      self.planDigest = planDigest
    }
  }

  /// The size of a hello, in bytes: the first frame on a connection may announce no more.
  package static let helloByteCount = 1 + 4 + 4 + 16 + 8

  /// The most bytes of a frame that carries a message with these fields.
  package static func byteCountMax(of fields: [FieldDeclaration]) -> Int {
    max(Frame.byteCountMax, roundHeaderByteCount + ValueBytes.countMax(of: fields))
  }

  /// How many bytes its frame has.
  var byteCount: Int {
    switch self {
    case .message(_, .none), .marker, .welcome, .refusal: 9
    case .message(_, .integer): 17
    case .message(_, .values(let values)): 9 + ValueBytes.count(of: values)
    case .roundMessage(_, _, let content):
      Self.roundHeaderByteCount + ValueBytes.count(of: content.values)
    case .hello, .clientHello: Self.helloByteCount
    }
  }

  /// Begins every hello, which tells another program from a machine with a wrong token.
  private static let magic: UInt32 = 0x534D_3031  // "SM01": the version is part of it.

  private enum Kind {
    static let message: UInt8 = 1
    static let integerMessage: UInt8 = 2
    static let marker: UInt8 = 3
    static let hello: UInt8 = 4
    static let clientHello: UInt8 = 5
    static let welcome: UInt8 = 6
    static let refusal: UInt8 = 7
    // 8 is a fragment's, see ``FragmentedMessages``.
    static let fieldsMessage: UInt8 = 9
    static let roundMessage: UInt8 = 10
  }

  /// The bytes of a message with a round, ahead of its fields: kind, reading, id and number.
  private static let roundHeaderByteCount = 1 + 8 + 8 + 4

  /// The greatest reading a message may carry, so that the receiver's clock cannot overflow.
  private static let readingMax = UInt64(Int64.max)

  /// Decodes a frame.
  ///
  /// - Throws: ``FrameError/malformed`` for any bytes that ``append(to:)`` does not write.
  @inline(__always)
  package init(_ frame: UnsafeRawBufferPointer) throws(FrameError) {
    guard let base = frame.baseAddress, frame.count >= 9 else { throw .malformed }
    func number<Number: FixedWidthInteger>(at index: Int, _ type: Number.Type) -> Number {
      Number(bigEndian: base.loadUnaligned(fromByteOffset: index, as: type))
    }
    let kind = base.load(as: UInt8.self)
    switch (kind, frame.count) {
    case (Kind.message, 9), (Kind.integerMessage, 17):
      let reading = number(at: 1, UInt64.self)
      guard reading <= Self.readingMax else { throw .malformed }
      self = .message(
        reading: reading,
        content: kind == Kind.message ? .none : .integer(number(at: 9, Int64.self)))
    case (Kind.fieldsMessage, _):
      let reading = number(at: 1, UInt64.self)
      guard reading <= Self.readingMax else { throw .malformed }
      let values = try ValueBytes.read(UnsafeRawBufferPointer(rebasing: frame[9...]))
      self = .message(reading: reading, content: .values(values))
    case (Kind.roundMessage, Self.roundHeaderByteCount...):
      let reading = number(at: 1, UInt64.self)
      guard reading <= Self.readingMax else { throw .malformed }
      let values = try ValueBytes.read(
        UnsafeRawBufferPointer(rebasing: frame[Self.roundHeaderByteCount...]))
      self = .roundMessage(
        Round(
          id: SnapshotID(word: number(at: 9, UInt64.self)), complete: number(at: 17, UInt32.self)),
        reading: reading, content: MessageContent(values))
    case (Kind.marker, 9):
      self = .marker(
        initiator: MachineID(Int(number(at: 1, UInt32.self))), number: number(at: 5, UInt32.self))
    case (Kind.hello, Self.helloByteCount), (Kind.clientHello, Self.helloByteCount):
      guard number(at: 1, UInt32.self) == Self.magic else { throw .malformed }
      let hello = Hello(
        id: MachineID(Int(number(at: 5, UInt32.self))),
        token: RunToken(
          high: number(at: 9, UInt64.self), low: number(at: 17, UInt64.self)),
        planDigest: number(at: 25, UInt64.self))
      self = kind == Kind.hello ? .hello(hello) : .clientHello(hello)
    case (Kind.welcome, 9) where number(at: 1, UInt64.self) == 0:
      self = .welcome
    case (Kind.refusal, 9):
      guard let refusal = Refusal(rawValue: number(at: 1, UInt64.self)) else { throw .malformed }
      self = .refusal(refusal)
    default:
      throw .malformed
    }
  }

  /// Appends the message to a queue, as a frame.
  ///
  /// - Returns: Whether there was room for it.
  @inline(__always)
  package func append(to queue: OutgoingQueue) -> Bool {
    func put<Number: FixedWidthInteger>(
      _ number: Number, _ room: UnsafeMutableRawPointer, at index: Int
    ) {
      room.storeBytes(of: number.bigEndian, toByteOffset: index, as: Number.self)
    }
    switch self {
    case .message(let reading, .none):
      guard let room = queue.appendFrame(of: 9) else { return false }
      put(Kind.message, room, at: 0)
      put(reading, room, at: 1)
    case .message(let reading, .integer(let number)):
      guard let room = queue.appendFrame(of: 17) else { return false }
      put(Kind.integerMessage, room, at: 0)
      put(reading, room, at: 1)
      put(number, room, at: 9)
    case .message(let reading, .values(let values)):
      guard let room = queue.appendFrame(of: 9 + ValueBytes.count(of: values)) else { return false }
      put(Kind.fieldsMessage, room, at: 0)
      put(reading, room, at: 1)
      ValueBytes.write(values, to: room + 9)
    case .roundMessage(let round, let reading, let content):
      let values = content.values
      guard let room = queue.appendFrame(of: byteCount) else { return false }
      put(Kind.roundMessage, room, at: 0)
      put(reading, room, at: 1)
      put(round.id.word, room, at: 9)
      put(round.complete, room, at: 17)
      ValueBytes.write(values, to: room + Self.roundHeaderByteCount)
    case .marker(let initiator, let number):
      guard let room = queue.appendFrame(of: 9) else { return false }
      put(Kind.marker, room, at: 0)
      put(initiator.number, room, at: 1)
      put(number, room, at: 5)
    case .welcome:
      guard let room = queue.appendFrame(of: 9) else { return false }
      put(Kind.welcome, room, at: 0)
      put(UInt64(0), room, at: 1)
    case .refusal(let refusal):
      guard let room = queue.appendFrame(of: 9) else { return false }
      put(Kind.refusal, room, at: 0)
      put(refusal.rawValue, room, at: 1)
    case .hello(let hello), .clientHello(let hello):
      guard let room = queue.appendFrame(of: Self.helloByteCount) else { return false }
      if case .hello = self {
        put(Kind.hello, room, at: 0)
      } else {
        put(Kind.clientHello, room, at: 0)
      }
      put(Self.magic, room, at: 1)
      put(hello.id.number, room, at: 5)
      put(hello.token.high, room, at: 9)
      put(hello.token.low, room, at: 17)
      put(hello.planDigest, room, at: 25)
    }
    return true
  }
}

/// A run's secret: only its own machines know it.
package struct RunToken: Hashable, Sendable, Codable {
  /// The first 64 bits.
  package var high: UInt64
  /// The last 64 bits.
  package var low: UInt64

  /// Makes a token from its two halves.
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The token as text for clients: 32 hexadecimal digits.
  package var hexadecimal: String {
    [high, low].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
