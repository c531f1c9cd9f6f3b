import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import TestSupport
import Testing

@testable import WallTime

@Suite("Notes between supervisors on several hosts")
struct SupervisorNoteTests {
  private static let id = SnapshotID(initiator: 2, number: 7)
  private static let part = RecordedPart(
    id: id, machine: 1,
    state: RecordedState(
      clock: 1, tick: 2, journalLineCount: 3,
      inbox: [RecordedMessage(source: 0, reading: 4, values: [.integer(5)])],
      values: [.integer(6)]))

  static let reports: [MachineReport] = [
    .linked, .finished(MachineProgress(ticks: 3)), .failed(.unreachable(peers: [2])),
    .recorded(part), .finishedPart(id, part), .finishedPart(id, nil),
  ]

  @Test("A report survives a round trip", arguments: reports)
  func reportRoundTrip(report: MachineReport) throws {
    guard
      case .report(let read) = try SupervisorNote(bytes: SupervisorNote.report(report).bytes[...])
    else {
      Issue.record("It was read as something else")
      return
    }
    #expect(read == report)
  }

  @Test("Other notes survive a round trip")
  func roundTrip() throws {
    let messages: [SupervisorMessage] = [
      .ask(.max), .answer(0), .begin(after: .seconds(1), .never),
      .requestSnapshot, .beginSnapshot(Self.id), .abortSnapshot(Self.id, .timedOut),
      .interrupted(at: MachineID(3)), .failed(reason: "ü\n"),
      .stands(epoch: .max, start: 5), .died(MachineID(2), reason: "é"),
      .goBack(epoch: 1, start: 0, elapsed: .seconds(3), Self.part),
      .goBack(epoch: .max, start: 7, elapsed: .seconds(0), nil),
      .snapshotOver(Self.id, isComplete: true), .snapshotOver(Self.id, isComplete: false),
    ]
    for message in messages {
      let note = SupervisorNote.message(message)
      #expect("\(try SupervisorNote(bytes: note.bytes[...]))" == "\(note)")
    }
  }

  @Test("Notes that are cut short or random are refused without a crash")
  func rubbish() {
    for report in Self.reports {
      let bytes = SupervisorNote.report(report).bytes
      for count in 0..<bytes.count {
        #expect(throws: ByteReader.Malformed.self) {
          try SupervisorNote(bytes: bytes.prefix(count))
        }
      }
    }
    // A start before 1970, or one that no sum with a duration fits.
    for start in [SystemInstant(nanoseconds: -1), SystemInstant(nanoseconds: .max)] {
      let note = SupervisorNote.message(.stands(epoch: 0, start: start))
      #expect(throws: ByteReader.Malformed.self) { try SupervisorNote(bytes: note.bytes[...]) }
    }
    for kind in UInt8(8)...255 {
      #expect(throws: ByteReader.Malformed.self) { try SupervisorNote(bytes: [kind, 0, 0]) }
    }
  }

  @Test("Snapshot parts go to the initiator's supervisor, ends to all, the rest to the own one")
  func audience() {
    #expect(MachineReport.recorded(Self.part).audience == .supervisor(of: 2))
    #expect(MachineReport.finishedPart(Self.id, nil).audience == .supervisor(of: 2))
    #expect(MachineReport.finished(MachineProgress()).audience == .all)
    #expect(MachineReport.linked.audience == .all)
    #expect(MachineReport.lostLink(peer: 1, reason: "").audience == .own)
  }

  @Test("A note is rejected when it is about another machine or its own host's affairs")
  func credible() {
    #expect(Self.reports.allSatisfy { $0.isCredible(from: 1) })
    #expect(!MachineReport.recorded(Self.part).isCredible(from: 2))
    #expect(!MachineReport.finishedPart(Self.id, Self.part).isCredible(from: 0))
    #expect(!MachineReport.listening(port: 1).isCredible(from: 1))
    let others: [ControlReport] = [.clientArrived(descriptor: 0), .heard(from: 1, note: [])]
    for report in others {
      var writer = ByteWriter()
      writer.write(UInt8(0))
      writer.write(bytes: report.bytes)
      #expect(throws: ByteReader.Malformed.self) { try SupervisorNote(bytes: writer.bytes[...]) }
    }
  }
}
