import LogicalTime
import RunControl
import RunRecord
import Snapshots
import SystemCalls
import WallTime

/// Serves snapshots of the whole run, taken at the machine that hosts the service.
final class SnapshotService {
  private let machine: MachineID
  private let directory: RunDirectory
  private let messages: SnapshotMessages
  private weak var host: (any MachineAccess)?
  private let numbers: RequestNumbers
  /// The machines that are other programs; nil when the run has none.
  private let foreign: ForeignMachines?
  /// The handlers of the requests to begin a snapshot, or to read one, by request number.
  private var beginnings: [UInt64: (SnapshotBeginning) -> Void] = [:]
  private var standings: [UInt64: (SnapshotStanding) -> Void] = [:]
  /// The calls that wait until a snapshot is over, in the order they came.
  private var awaiters: [(number: UInt64, id: SnapshotID, tell: () -> Void)] = []
  /// The calls that watch every snapshot, in the order they came.
  private var watchers: [(number: UInt64, call: AnswerableCall<WatchSnapshotsResponse>)] = []

  init(
    machine: MachineID, directory: RunDirectory, workload: WorkloadMessages,
    host: any MachineAccess, numbers: RequestNumbers, foreign: ForeignMachines? = nil
  ) {
    messages = SnapshotMessages(workload: workload)
    self.machine = machine
    self.directory = directory
    self.host = host
    self.numbers = numbers
    self.foreign = foreign
  }

  /// Registers the calls.
  func register(in router: inout Router) {
    router.unary(SnapshotMethods.initiateSnapshot) { [self] request, call throws(CallStatus) in
      try initiate(by: request.processID, call)
    }
    router.unary(SnapshotMethods.getSnapshot) { [self] request, call throws(CallStatus) in
      try find(request.snapshotID, for: call) { snapshot, _ in
        self.messages.part(of: self.machine, in: snapshot)
      }
    }
    router.unary(SnapshotMethods.getGlobalSnapshot) { [self] request, call throws(CallStatus) in
      try find(request.snapshotID, for: call, waits: request.wait, messages.response)
    }
    router.unary(SnapshotMethods.watchSnapshots) { [self] _, call in
      let number = numbers.next()
      watchers.append((number, call))
      call.whenOver { [weak self] in self?.watchers.removeAll { $0.number == number } }
    }
    registerForeign(in: &router)
  }

  private func registerForeign(in router: inout Router) {
    let foreign = foreign
    router.unary(SnapshotMethods.receiveMarker) { marker, call throws(CallStatus) in
      guard let foreign else { throw Self.noForeigners }
      try foreign.sender(marker.senderID).take(marker, for: call)
    }
    router.unary(SnapshotMethods.sendMessage) { message, call throws(CallStatus) in
      guard let foreign else { throw Self.noForeigners }
      try foreign.sender(message.senderID).take(message, for: call)
    }
    router.stream(SnapshotMethods.channel) { call in
      if let foreign { return foreign.open(call) }
      call.fail(Self.noForeigners)
      return Router.Input(take: { _ in })
    }
  }

  /// All machines of a run are started by it, and have their own channels.
  private static let noForeigners = CallStatus(
    .failedPrecondition,
    "no machine of this run speaks gRPC: their messages and markers travel on their own channels")

  // MARK: From the machine

  /// Passes on the result of a request to begin a snapshot.
  func began(_ number: UInt64, _ beginning: SnapshotBeginning) {
    beginnings.removeValue(forKey: number)?(beginning)
  }

  /// Passes on the status of a snapshot.
  func stands(_ number: UInt64, _ standing: SnapshotStanding) {
    standings.removeValue(forKey: number)?(standing)
  }

  /// Tells waiting callers that a snapshot is over.
  func isOver(_ id: SnapshotID, isComplete: Bool) {
    let told = awaiters.filter { $0.id == id }
    awaiters.removeAll { $0.id == id }
    for awaiter in told { awaiter.tell() }
    for watcher in watchers {
      watcher.call.send(WatchSnapshotsResponse(snapshotID: "\(id)", isComplete: isComplete))
    }
  }

  // MARK: Requests

  private func initiate(
    by name: String, _ call: AnswerableCall<InitiateSnapshotResponse>
  ) throws(CallStatus) {
    let initiator = name.isEmpty ? machine : AccountName.machine(name)
    guard let initiator else { throw CallStatus(.notFound, "there is no machine \(name)") }
    guard initiator == machine || foreign?.gathersSnapshots(of: initiator) == true else {
      throw CallStatus(
        .failedPrecondition,
        "the snapshots of machine \(initiator) are not begun here: this is machine \(machine)")
    }
    let number = numbers.next()
    beginnings[number] = { beginning in
      switch beginning {
      case .begun(let id): call.answer(InitiateSnapshotResponse(snapshotID: "\(id)"))
      case .refused(let reason): call.fail(CallStatus(.unavailable, reason))
      }
    }
    call.whenOver { [weak self] in self?.beginnings[number] = nil }
    host?.beginSnapshot(number, by: initiator)
  }

  /// Finds a snapshot: in its file, or, while it is under way, at the machine that gathers its
  /// parts.
  private func find<Output: ProtobufMessage>(
    _ name: String, for call: AnswerableCall<Output>, waits: Bool = false,
    _ response: @escaping (SnapshotFile, _ isOver: Bool) -> Output
  ) throws(CallStatus) {
    let id = try SnapshotMessages.id(name)
    if FileSystem.exists(directory.snapshotPath(of: id)) {
      call.finish(with: read(id).map { response($0, true) })
      return
    }
    let number = numbers.next()
    call.whenOver { [weak self] in self?.forget(number) }
    standings[number] = { [weak self] standing in
      guard let self else { return }
      switch standing {
      case .unknown:
        call.fail(CallStatus(.notFound, "there is no snapshot \(id)"))
      case .over:
        call.finish(with: read(id).map { response($0, true) })
      case .underWay(let snapshot) where !waits:
        call.answer(response(snapshot, false))
      case .underWay:
        awaiters.append(
          (
            number, id,
            { [weak self] in
              if let self { call.finish(with: read(id).map { response($0, true) }) }
            }
          ))
      }
    }
    host?.askStanding(of: id, number)
  }

  private func forget(_ number: UInt64) {
    standings[number] = nil
    awaiters.removeAll { $0.number == number }
  }

  /// Longer files would delay the machine's ticks, and few of their answers could be sent.
  private static let fileByteCountMax = 4 * MessageStream.byteCountMaxDefault

  private func read(_ id: SnapshotID) -> Result<SnapshotFile, CallStatus> {
    if let count = FileSystem.byteCount(directory.snapshotPath(of: id)),
      count > Self.fileByteCountMax
    {
      return .failure(.tooLong("the snapshot's file", byteCount: count))
    }
    do throws(RunRecordError) {
      return .success(try SnapshotFile.read(id, from: directory))
    } catch {
      return .failure(CallStatus(.internal, "\(error)"))
    }
  }
}

extension CallStatus {
  fileprivate static func tooLong(_ subject: String, byteCount: Int) -> CallStatus {
    CallStatus(
      .resourceExhausted, "\(subject) has \(byteCount) bytes; read the file in the run directory")
  }
}

extension AnswerableCall {
  /// Ends the call with the result, unless it is too long.
  fileprivate func finish(with result: Result<Output, CallStatus>) {
    switch result {
    case .failure(let status):
      fail(status)
    case .success(let message):
      let count = message.encoded.count
      guard count <= MessageStream.byteCountMaxDefault else {
        return fail(.tooLong("the answer", byteCount: count))
      }
      answer(message)
    }
  }
}
