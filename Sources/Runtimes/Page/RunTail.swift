import LogicalTime
import RunRecord
import Snapshots
import SystemCalls
import TextFormats

/// What one viewer has been sent of a run directory, and what is new in it.
///
/// It reads the files that the run writes anyway, so that a viewer costs the machines nothing. A
/// journal is sent in whole lines. When a viewer is too far behind, the middle is left out and the
/// viewer is told how many bytes that are.
struct RunTail {
  /// The most machines of one stream.
  static let machineCountMax = 1000
  /// The most bytes that one call adds, one frame aside.
  static let byteCountPerCall = 1 << 20
  /// How many bytes of all journals together a viewer may be behind.
  private static let backlogByteCountMax = 4 << 20
  /// The longest piece of a journal in one frame.
  private static let pieceByteCountMax = 1 << 18
  /// The longest header line of a journal that is looked for.
  private static let headerByteCountMax = 1 << 12
  /// Larger files are not sent.
  private static let fileByteCountMax = 1 << 20
  /// The most snapshots that are sent of those that are new together: as many as a page keeps.
  private static let snapshotCountMax = 200
  /// How many names of snapshots one look may take; larger directories are looked at less often.
  private static let nameCountPerLook = 1000

  private let directory: RunDirectory
  private let machines: ClosedRange<Int>
  private let backlogMax: Int
  private let firstBacklogMax: Int
  private var offsets: [Int]
  /// The next machine to look at, so that no journal starves.
  private var next = 0
  /// The numbers of each machine's snapshots that are sent, or left out.
  private var passedSnapshots: [MachineID: PassedNumbers] = [:]
  /// How many looks for snapshots are left out.
  private var restingLooks = 0
  private var manifest: [UInt8] = []

  /// Follows a run from its start.
  ///
  /// - Parameters:
  ///   - directory: The run.
  ///   - machineCount: How many machines the run has.
  ///   - wish: What the viewer wants to see.
  init(_ directory: RunDirectory, machineCount: Int, _ wish: PageGate.StreamWish) {
    self.directory = directory
    let first = min(wish.machines?.lowerBound ?? 0, machineCount - 1)
    let last = min(
      wish.machines?.upperBound ?? Int.max, machineCount - 1, first + Self.machineCountMax - 1)
    machines = first...max(first, last)
    let usual = max(1 << 14, Self.backlogByteCountMax / machines.count)
    firstBacklogMax = wish.tailByteCount ?? usual
    // What a viewer has asked for is not left out afterwards.
    backlogMax = max(usual, firstBacklogMax)
    offsets = Array(repeating: 0, count: machines.count)
  }

  /// Adds the frames of what is new, as many bytes as one call may.
  mutating func collect(into frames: inout [UInt8]) {
    let limit = frames.count + Self.byteCountPerCall
    for _ in machines where frames.count < limit {
      addJournal(of: next, to: &frames)
      next = next + 1 < machines.count ? next + 1 : 0
    }
  }

  // MARK: Journals

  private mutating func addJournal(of index: Int, to frames: inout [UInt8]) {
    let machine = machines.lowerBound + index
    let path = directory.journalPath(of: MachineID(machine))
    guard let byteCount = FileSystem.byteCount(path), byteCount > offsets[index],
      let file = try? PiecewiseFile(path)
    else { return }
    if offsets[index] == 0 {
      let head = (try? file.bytes(from: 0, countMax: Self.headerByteCountMax)) ?? []
      guard let end = head.firstIndex(of: Self.newline) else { return }
      Self.add(.journal(machine: machine, start: 0, bytes: end + 1), head[...end], to: &frames)
      offsets[index] = end + 1
      leaveOut(of: index, file, keeping: firstBacklogMax, to: &frames)
    } else {
      leaveOut(of: index, file, keeping: backlogMax, to: &frames)
    }
    let start = offsets[index]
    guard let piece = try? file.bytes(from: start, countMax: Self.pieceByteCountMax),
      let end = piece.lastIndex(of: Self.newline)
    else { return }
    Self.add(.journal(machine: machine, start: start, bytes: end + 1), piece[...end], to: &frames)
    offsets[index] = start + end + 1
  }

  /// Goes on nearer to the journal's end when too much of it is new.
  private mutating func leaveOut(
    of index: Int, _ file: PiecewiseFile, keeping keptCount: Int, to frames: inout [UInt8]
  ) {
    let start = offsets[index]
    guard file.byteCount - start > keptCount else { return }
    // It begins behind the first line's end that is near enough to the journal's end.
    let target = max(start, file.byteCount - min(keptCount, max(1, keptCount / 2)))
    let first = max(start, target - Self.headerByteCountMax)
    let piece = (try? file.bytes(from: first, countMax: 2 * Self.headerByteCountMax)) ?? []
    let ends = piece.indices.filter { piece[$0] == Self.newline }.map { first + $0 + 1 }
    guard let end = ends.first(where: { $0 >= target }) ?? ends.last else { return }
    offsets[index] = end
    guard offsets[index] > start else { return }
    let machine = machines.lowerBound + index
    Self.add(.skip(machine: machine, bytes: offsets[index] - start), [], to: &frames)
  }

  private static let newline = UInt8(ascii: "\n")

  // MARK: Snapshots and the manifest

  /// Adds the new snapshots, in the order of their ids, and the manifest if it has changed.
  mutating func collectFiles(into frames: inout [UInt8]) {
    if restingLooks > 0 { restingLooks -= 1 } else { addSnapshots(to: &frames) }
    guard let bytes = contents(directory.manifestPath), bytes != manifest else { return }
    manifest = bytes
    Self.add(.manifest(bytes: bytes.count), bytes[...], to: &frames)
  }

  /// Adds the snapshots that are new, or the latest of them.
  ///
  /// A snapshot's file does not change once it is there.
  private mutating func addSnapshots(to frames: inout [UInt8]) {
    let names = (try? FileSystem.entries(directory.snapshotsPath)) ?? []
    let new = names.filter { $0.hasSuffix(".json") }
      .compactMap { SnapshotID(String($0.dropLast(".json".count))) }
      .filter { passedSnapshots[$0.initiator]?.contains($0.number) != true }
    let latest = Self.latest(of: new)
    for id in Set(new).subtracting(latest) { pass(id) }
    let limit = frames.count + Self.byteCountPerCall
    for id in latest {
      // The rest comes with the next look.
      guard frames.count < limit else { return }
      pass(id)
      guard let bytes = contents(directory.snapshotPath(of: id)) else { continue }
      Self.add(.snapshot(id: "\(id)", bytes: bytes.count), bytes[...], to: &frames)
    }
    restingLooks = names.count / Self.nameCountPerLook
  }

  private mutating func pass(_ id: SnapshotID) {
    passedSnapshots[id.initiator, default: PassedNumbers()].insert(id.number)
  }

  /// As many snapshots as are sent at once, in the order of their ids: the last of each machine,
  /// before those that these machines began earlier.
  private static func latest(of ids: [SnapshotID]) -> [SnapshotID] {
    guard ids.count > snapshotCountMax else { return ids.sorted(by: isEarlier) }
    let ranked = Dictionary(grouping: ids, by: \.initiator).values.flatMap { ids in
      ids.sorted { isEarlier($1, $0) }.enumerated()
    }
    let chosen = ranked.sorted {
      $0.offset != $1.offset ? $0.offset < $1.offset : isEarlier($1.element, $0.element)
    }
    return chosen.prefix(snapshotCountMax).map(\.element).sorted(by: isEarlier)
  }

  private static func isEarlier(_ one: SnapshotID, _ other: SnapshotID) -> Bool {
    (one.number, one.initiator) < (other.number, other.initiator)
  }

  /// The numbers of one machine's snapshots that need no look any more, in bounded memory.
  private struct PassedNumbers {
    /// Those below this one, and these.
    private var end: UInt32 = 0
    private var numbers: Set<UInt32> = []
    /// No snapshot is expected to end behind so many later ones of its machine.
    private static let underWayCountMax: UInt32 = 1024

    func contains(_ number: UInt32) -> Bool { number < end || numbers.contains(number) }

    mutating func insert(_ number: UInt32) {
      numbers.insert(number)
      guard numbers.count > 2 * Self.underWayCountMax, let last = numbers.max() else { return }
      end = max(end, last - Self.underWayCountMax)
      numbers = numbers.filter { $0 >= end }
    }
  }

  /// The bytes of a file that is not too long for a page; nil for one that is, or is gone.
  private func contents(_ path: String) -> [UInt8]? {
    guard let count = FileSystem.byteCount(path), count <= Self.fileByteCountMax else { return nil }
    return try? FileSystem.contents(path)
  }

  // MARK: Frames

  /// The first line of a frame.
  enum Frame: Encodable {
    case journal(machine: Int, start: Int, bytes: Int)
    case skip(machine: Int, bytes: Int)
    case snapshot(id: String, bytes: Int)
    case manifest(bytes: Int)
    case status(PageStanding, text: String?)
    case restart

    private enum CodingKeys: String, CodingKey {
      case type, machine, start, bytes, id, text
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      switch self {
      case .journal(let machine, let start, let bytes):
        try container.encode("journal", forKey: .type)
        try container.encode(machine, forKey: .machine)
        try container.encode(start, forKey: .start)
        try container.encode(bytes, forKey: .bytes)
      case .skip(let machine, let bytes):
        try container.encode("skip", forKey: .type)
        try container.encode(machine, forKey: .machine)
        try container.encode(bytes, forKey: .bytes)
      case .snapshot(let id, let bytes):
        try container.encode("snapshot", forKey: .type)
        try container.encode(id, forKey: .id)
        try container.encode(bytes, forKey: .bytes)
      case .manifest(let bytes):
        try container.encode("manifest", forKey: .type)
        try container.encode(bytes, forKey: .bytes)
      case .status(let standing, let text):
        try standing.encode(to: encoder)
        try container.encode("status", forKey: .type)
        try container.encodeIfPresent(text, forKey: .text)
      case .restart:
        try container.encode("restart", forKey: .type)
      }
    }
  }

  /// Adds a frame: its first line, then its body.
  static func add(_ frame: Frame, _ body: ArraySlice<UInt8>, to frames: inout [UInt8]) {
    if case .journal(let machine, let start, let bytes) = frame {
      // The most frequent one, without an encoder.
      frames += "{\"type\":\"journal\",\"machine\":\(machine),\"start\":\(start),".utf8
      frames += "\"bytes\":\(bytes)}\n".utf8
    } else {
      frames += (JSONText.encode(frame, isPretty: false) + "\n").utf8
    }
    frames += body
  }
}
