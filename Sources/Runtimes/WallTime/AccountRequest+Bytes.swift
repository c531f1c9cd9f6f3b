import LogicalTime
import RunControl

extension ByteWriter {
  mutating func write(_ request: AccountRequest) {
    switch request {
    case .balance:
      write(UInt8(0))
    case .deposit(let amount):
      write(UInt8(1))
      write(amount)
    case .withdraw(let amount):
      write(UInt8(2))
      write(amount)
    case .transfer(let amount, let target):
      write(UInt8(3))
      write(amount)
      write(target)
    }
  }

  mutating func write(_ answer: AccountAnswer) {
    switch answer {
    case .state(let state):
      write(UInt8(0))
      write(state.machine)
      write(state.balance)
      write(state.tick)
      write(state.clock)
    case .refused(let reason):
      write(UInt8(1))
      write(reason.description)
    }
  }
}

extension ByteReader {
  mutating func readAccountRequest() throws(Malformed) -> AccountRequest {
    switch try read(UInt8.self) {
    case 0: return .balance
    case 1: return .deposit(try read())
    case 2: return .withdraw(try read())
    case 3: return .transfer(try read(), to: try readMachine())
    default: throw Malformed()
    }
  }

  mutating func readAccountAnswer() throws(Malformed) -> AccountAnswer {
    switch try read(UInt8.self) {
    case 0:
      return .state(
        AccountState(
          machine: try readMachine(), balance: try read(), tick: try read(), clock: try read()))
    case 1: return .refused(AccountRefusalReason(try readText()))
    default: throw Malformed()
    }
  }
}
