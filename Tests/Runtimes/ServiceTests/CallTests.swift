import Testing

@testable import Service

@Suite("gRPC above HTTP/2: timeouts, statuses, messages in a body")
struct CallTests {
  @Test(
    "A timeout has digits and a unit, or is malformed",
    arguments: [
      ("1n", 1), ("20u", 20_000), ("300m", 300_000_000), ("4S", 4_000_000_000),
      ("5M", 300_000_000_000), ("1H", 3_600_000_000_000), ("0S", 0),
      ("99999999H", CallTimeout.nanosecondsMax), ("", nil), ("S", nil), ("1", nil), ("1s", nil),
      ("-1S", nil), ("+1S", nil), (" 1S", nil), ("1.5S", nil), ("123456789S", nil),
    ] as [(String, Int64?)])
  func timeout(text: String, nanoseconds: Int64?) {
    #expect(CallTimeout.nanoseconds(text) == nanoseconds)
  }

  @Test("A status message survives its header encoding, whatever its characters")
  func percentText() {
    #expect(PercentText.encode("plain text, 7 < 8") == "plain text, 7 < 8")
    #expect(PercentText.encode(" at its ends ") == "%20at its ends%20")
    #expect(PercentText.encode(" ") == "%20")
    #expect(PercentText.encode("100 % sûr\n") == "100 %25 s%C3%BBr%0A")
    #expect(
      CallStatus(.notFound, "é").trailers
        == [HTTP2Header("grpc-status", "5"), HTTP2Header("grpc-message", "%C3%A9")])
    #expect(CallStatus.ok.trailers == [HTTP2Header("grpc-status", "0")])
  }

  @Test("Messages are found in a body however it is split")
  func cuts() throws {
    let requests = ["", "0", String(repeating: "x", count: 300)].map { account in
      var request = GetBalanceRequest()
      request.accountID = account
      return request
    }
    let body = requests.flatMap { MessageStream.framed($0) }
    for step in [1, 2, 3, 7, 100, body.count] {
      var stream = MessageStream()
      var found: [GetBalanceRequest] = []
      for start in stride(from: 0, to: body.count, by: step) {
        stream.append(Array(body[start..<min(start + step, body.count)]))
        while let message = try stream.next() {
          found.append(try GetBalanceRequest(encoded: message))
        }
      }
      #expect(found == requests)
      #expect(stream.heldByteCount == 0)
    }
  }

  @Test(
    "What is no message ends the call with the status that says why",
    arguments: [
      ([1, 0, 0, 0, 0], .unimplemented), ([2, 0, 0, 0, 0], .internal),
      ([0, 0, 0, 0, 101], .resourceExhausted), ([0, 255, 255, 255, 255], .resourceExhausted),
    ] as [([UInt8], CallStatus.Code)])
  func malformed(bytes: [UInt8], code: CallStatus.Code) {
    var stream = MessageStream(byteCountMax: 100)
    stream.append(bytes)
    let error = #expect(throws: CallStatus.self) { try stream.next() }
    #expect(error?.code == code)
  }

  @Test("Our file as data defines every message it uses")
  func descriptor() throws {
    for file in [
      ScaleModelFile.file, HealthMethods.file, ReflectionMethods<ReflectionV1>.file,
      ReflectionMethods<ReflectionV1Alpha>.file,
    ] {
      let symbols = Set(file.symbols.map { ".\($0)" })
      let messages = file.descriptor.messageTypes.flatMap { [$0] + $0.nestedTypes }
      let used =
        messages.flatMap(\.fields).compactMap(\.typeName)
        + file.descriptor.services.flatMap(\.methods).flatMap { [$0.inputType, $0.outputType] }
        .compactMap { $0 }
      #expect(used.count > 2)
      for name in used { #expect(symbols.contains(name), "\(file.name) lacks \(name)") }
      #expect(try FileDescriptorProto(encoded: file.descriptor.encoded) == file.descriptor)
    }
  }
}
