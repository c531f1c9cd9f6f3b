import LogicalTime
import RunControl
import ScaleModel
import WallTime

/// Serves the account of the machine that hosts the service, if its workload is the bank.
final class BankService {
  private let machine: MachineID
  private let plan: RunPlan
  private weak var host: (any MachineAccess)?
  /// The reply handlers, by request number.
  private var waiting: [UInt64: (Result<StateReport, CallStatus>) -> Void] = [:]
  private let numbers: RequestNumbers

  init(machine: MachineID, plan: RunPlan, host: any MachineAccess, numbers: RequestNumbers) {
    self.machine = machine
    self.plan = plan
    self.host = host
    self.numbers = numbers
  }

  /// Registers the calls.
  func register(in router: inout Router) {
    router.unary(BankMethods.getBalance) { [self] request, call throws(CallStatus) in
      try checkOwn(request.accountID)
      guard let host, isBank else { throw Self.noAccount }
      if plan.restartCountMax == nil { return call.answer(response(host.state)) }
      try ask(.state, for: call) { [self] in response($0) }
    }
    router.unary(BankMethods.deposit) { [self] request, call throws(CallStatus) in
      try checkOwn(request.accountID)
      try ask(.deposit(try positive(request.amount)), for: call) {
        DepositResponse(balance: $0.balance, logicalClock: $0.clock, tick: $0.tick)
      }
    }
    router.unary(BankMethods.withdraw) { [self] request, call throws(CallStatus) in
      try checkOwn(request.accountID)
      try ask(.withdraw(try positive(request.amount)), for: call) {
        WithdrawResponse(balance: $0.balance, logicalClock: $0.clock, tick: $0.tick)
      }
    }
    router.unary(BankMethods.transfer) { [self] request, call throws(CallStatus) in
      try checkOwn(request.fromAccount)
      let target = try target(of: request)
      try ask(.transfer(try positive(request.amount), to: target), for: call) {
        TransferResponse(balance: $0.balance, logicalClock: $0.clock, tick: $0.tick)
      }
    }
  }

  /// Passes on the machine's answer to a request.
  func answered(_ number: UInt64, _ answer: HandAnswer) {
    guard let tell = waiting.removeValue(forKey: number) else { return }
    switch answer {
    case .state(let state): tell(.success(state))
    case .refused(let reason): tell(.failure(Self.status(for: reason)))
    }
  }

  // MARK: Requests

  private func ask<Output>(
    _ instruction: BankInstruction, for call: AnswerableCall<Output>,
    response: @escaping (StateReport) -> Output
  ) throws(CallStatus) {
    try ask(.tell(instruction.words), for: call, response: response)
  }

  private func ask<Output>(
    _ request: HandRequest, for call: AnswerableCall<Output>,
    response: @escaping (StateReport) -> Output
  ) throws(CallStatus) {
    guard let host, isBank else { throw Self.noAccount }
    let number = numbers.next()
    waiting[number] = { result in
      switch result {
      case .success(let state): call.answer(response(state))
      case .failure(let status): call.fail(status)
      }
    }
    // A caller that leaves before the tick cancels its request.
    call.whenOver { [weak self] in
      if self?.waiting.removeValue(forKey: number) != nil { self?.host?.takeBack(number) }
    }
    host.ask(request, number: number, deadline: MonotonicInstant(nanoseconds: call.call.deadline))
  }

  private func response(_ account: StateReport) -> GetBalanceResponse {
    var response = GetBalanceResponse()
    response.accountID = "\(machine)"
    response.balance = account.balance
    response.processID = response.accountID
    response.logicalClock = account.clock
    response.tick = account.tick
    return response
  }

  private func checkOwn(_ account: String) throws(CallStatus) {
    guard account.isEmpty || AccountName.machine(account) == machine else {
      throw CallStatus(.notFound, "account \(account) is not here: this is machine \(machine)")
    }
  }

  private func target(of request: TransferRequest) throws(CallStatus) -> MachineID {
    let target = AccountName.machine(
      request.toProcess.isEmpty ? request.toAccount : request.toProcess)
    guard let target, target.index < plan.machineCount else {
      throw CallStatus(.notFound, "there is no machine \(request.toProcess)")
    }
    guard request.toAccount.isEmpty || AccountName.machine(request.toAccount) == target else {
      throw CallStatus(
        .notFound, "account \(request.toAccount) is not that of machine \(target)")
    }
    return target
  }

  private func positive(_ amount: Int64) throws(CallStatus) -> Int64 {
    guard amount > 0 else {
      throw CallStatus(.invalidArgument, "\(BankRefusal.notPositive(amount: amount))")
    }
    return amount
  }

  // MARK: Statuses

  private static let noAccount = CallStatus(
    .failedPrecondition, "there are no accounts; start a bank with --workload bank")

  private var isBank: Bool { plan.workload.startBalance != nil }

  private static func status(for reason: HandRefusal) -> CallStatus {
    switch reason {
    case .timedOut: CallStatus(.deadlineExceeded, "\(reason)")
    case .runEnded: CallStatus(.unavailable, "\(reason)")
    case .tooManyWait: CallStatus(.resourceExhausted, "\(reason)")
    default: CallStatus(.failedPrecondition, "\(reason)")
    }
  }
}

extension StateReport {
  /// The money on the account: the first field of a bank's state.
  fileprivate var balance: Int64 { values.first?.integer ?? 0 }
}

/// Numbers the requests of all services of one machine.
final class RequestNumbers {
  private var last: UInt64 = 0

  func next() -> UInt64 {
    last += 1
    return last
  }
}
