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
  /// The most snapshots that are sent.
  private static let snapshotCountMax = 1000

  private let directory: RunDirectory
  private let machines: ClosedRange<Int>
  private let backlogMax: Int
  private let firstBacklogMax: Int
  private var offsets: [Int]
  /// The next machine to look at, so that no journal starves.
  private var next = 0
  private var sentSnapshots: Set<String> = []
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
  ///
  /// A snapshot's file does not change once it is there.
  mutating func collectFiles(into frames: inout [UInt8]) {
    let isFull = sentSnapshots.count >= Self.snapshotCountMax
    let names = isFull ? [] : (try? FileSystem.entries(directory.snapshotsPath)) ?? []
    let new = names.filter { $0.hasSuffix(".json") && !sentSnapshots.contains($0) }
      .compactMap { name in SnapshotID(String(name.dropLast(".json".count))).map { ($0, name) } }
      .sorted { ($0.0.number, $0.0.initiator) < ($1.0.number, $1.0.initiator) }
    let limit = frames.count + Self.byteCountPerCall
    for (id, name) in new
    where sentSnapshots.count < Self.snapshotCountMax && frames.count < limit {
      sentSnapshots.insert(name)
      guard let bytes = contents(directory.snapshotPath(of: id)) else { continue }
      Self.add(.snapshot(id: "\(id)", bytes: bytes.count), bytes[...], to: &frames)
    }
    guard let bytes = contents(directory.manifestPath), bytes != manifest else { return }
    manifest = bytes
    Self.add(.manifest(bytes: bytes.count), bytes[...], to: &frames)
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
    case status(PageStanding, viewers: Int, text: String?)
    case restart

    private enum CodingKeys: String, CodingKey {
      case type, machine, start, bytes, id, readers, text
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
      case .status(let standing, let viewers, let text):
        try standing.encode(to: encoder)
        try container.encode("status", forKey: .type)
        try container.encode(viewers, forKey: .readers)
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
