import ScaleModel
import SystemCalls
import TestSupport
import Testing

@testable import RunRecord

/// The fastest way to read lines and the slow one, on the same lines: a column behind ours whose
/// name holds no comma makes no difference, but a header in another order takes the slow way.
@Suite("Regular lines, the fast and the slow way")
struct RegularLinesTests {
  /// A line, its columns in the order of the header.
  private struct Line {
    var tick: UInt64
    var time: Int64
    var event = "internal"
    var clock: UInt64
    var queueLength = "0"
    var peer = ""
    var message = ""

    var ownOrder: String {
      "\(tick),\(time),\(event),\(clock),\(queueLength),\(peer),\(message)"
    }
    var otherOrder: String {
      "\(time),\(tick),\(event),\(clock),\(queueLength),\(peer),\(message)"
    }
  }

  private static let ownHeader = "tick,system_time_ns,event,clock,queue_length,peer,message"
  private static let otherHeader = "system_time_ns,tick,event,clock,queue_length,peer,message"

  /// Lines of which most are like the one before.
  private static func lines(seed: UInt64, count: Int) -> [Line] {
    var random = SplitMix64(state: seed)
    let digits = Int(random.draw(below: 20))
    var tick = (0..<digits / 2).reduce(UInt64(1)) { power, _ in power * 10 } - 1
    var time = Int64((0..<min(18, digits)).reduce(1) { power, _ in power * 10 })
    var clock = tick
    return (0..<count).map { _ in
      tick += random.draw(below: 40) == 0 ? random.draw(below: 3) : 1
      time += Int64(random.draw(below: 1 << random.draw(below: 40)))
      clock += 1 + random.draw(below: 3)
      var line = Line(tick: tick, time: time, clock: clock)
      let queueDigits = random.draw(below: 30) == 0 ? 12 : 10
      line.queueLength = "\(random.draw(below: UInt64(queueDigits)))"
      switch random.draw(below: 4) {
      case 0: break
      case 1: (line.event, line.peer) = ("send", random.draw(below: 3) == 0 ? "*" : "2")
      case 2: (line.event, line.peer) = ("receive", "\(random.draw(below: 11))")
      default:
        if random.draw(below: 10) == 0 { (line.event, line.peer) = ("snapshot", "1") }
      }
      if line.event == "snapshot" { line.message = "0-\(clock)" }
      if ["send", "receive"].contains(line.event) { line.message = "\(clock - 1)" }
      return line
    }
  }

  /// What is read of a text: the lines before the first malformed one, and whether there is one.
  private func read(
    _ text: String, before limit: Int64 = .max
  ) throws -> (lines: [JournalLine], isBroken: Bool) {
    try withTemporaryDirectory { directory in
      let path = directory + "/machine-0.csv"
      try FileSystem.replace(path, with: text)
      let reader = try JournalReader(path: path, pieceByteCount: 1000)
      let buffer = JournalBuffer(lineCount: 50, columnCount: 0)
      var lines: [JournalLine] = []
      while true {
        guard let batch = try? reader.read(into: buffer, countMax: 50, before: limit) else {
          return (lines, true)
        }
        if batch.lines.isEmpty { return (lines, false) }
        lines += batch.lines
      }
    }
  }

  @Test("Both ways read the same lines, up to any time", arguments: 0..<40 as Range<UInt64>)
  func sameLines(seed: UInt64) throws {
    let lines = Self.lines(seed: seed, count: 400)
    let own = Self.ownHeader + "\n" + lines.map { $0.ownOrder + "\n" }.joined()
    let other = Self.otherHeader + "\n" + lines.map { $0.otherOrder + "\n" }.joined()
    let expected = try read(other)
    #expect(!expected.isBroken && expected.lines.count == lines.count)
    #expect(try read(own) == expected)
    let limit = lines[Int(seed) * 10].time
    #expect(try read(own, before: limit) == read(other, before: limit))
  }

  @Test("Both ways refuse the same lines", arguments: 0..<200 as Range<UInt64>)
  func sameRefusals(seed: UInt64) throws {
    var random = SplitMix64(state: seed)
    let lines = Self.lines(seed: 7 + seed % 3, count: 60)
    let damaged = 20 + Int(random.draw(below: 40))
    // Of both texts the same byte behind the second column becomes another one that may mislead.
    let offset = Int(random.draw(below: 30))
    let byte = Array("0123456789,*-:;/ x\r.".utf8)[Int(random.draw(below: 20))]
    func text(_ header: String, _ inOrder: (Line) -> String) -> String {
      let texts = lines.enumerated().map { index, line in
        var bytes = Array(inOrder(line).utf8)
        let start = "\(line.tick),\(line.time),".utf8.count
        if index == damaged, start + offset < bytes.count { bytes[start + offset] = byte }
        return String(decoding: bytes, as: UTF8.self) + "\n"
      }
      return header + "\n" + texts.joined()
    }
    let own = try read(text(Self.ownHeader) { $0.ownOrder })
    let other = try read(text(Self.otherHeader) { $0.otherOrder })
    #expect(own.isBroken == other.isBroken)
    #expect(own.lines.prefix(damaged) == other.lines.prefix(damaged))
    if !own.isBroken { #expect(own.lines == other.lines) }
  }

  @Test(
    "A tick that is not the next, or no number, is read the other way, or refused",
    arguments: ["8", "10", "11", "09", "009", "0:", ":", "1/", "-9", "99999999", "100000000", ""])
  func otherTicks(text: String) throws {
    let lines = (6...8).map { "\($0),\($0)000,internal,\($0),0,,\n" }.joined()
    let rest = ",9000,internal,9,0,,\n"
    let (found, isBroken) = try read(Self.ownHeader + "\n" + lines + text + rest)
    #expect(isBroken == (UInt64(text) == nil))
    #expect(found.last?.tick == (UInt64(text) ?? found.last?.tick))
  }

  @Test("Line ends of CRLF, and empty peers and messages where there must be some")
  func otherEnds() throws {
    let lines = (1...9).map { "\($0),\($0)000,receive,\($0),0,2,\($0)" }
    let text = { (end: String) in
      Self.ownHeader + "\n" + lines.map { $0 + "\n" }.joined() + end
    }
    #expect(try read(text("10,10000,receive,10,0,2,10\r\n")).lines.count == 10)
    for end in [
      "10,10000,receive,10,0,,,7\n", "10,10000,receive,10,0,*,7\n",
      "10,10000,send,10,0,,7\n", "10,10000,internal,10,0,2,\n", "10,10000,internal,10,0,,7\n",
      "10,10000,receive,10,0,2,\n", "10,10000,intern4l,10,0,,\n", "10,10000,send,10,0,*,7,\n",
    ] {
      #expect(try read(text(end)).isBroken, "\(end)")
    }
  }
}
