import Snapshots
import TextFormats

/// A script of the bank, carried out line by line as its bytes come.
///
/// A line that cannot be carried out changes nothing, and the script goes on behind it. What
/// happens between `StartMaster` and `KillAll` happens in one bank, and everything else outside is
/// an error; a script may begin another bank afterwards, which draws from the seed anew.
package struct BankScript {
  private let seed: UInt64
  private var lines = ScriptLines()
  /// The bank that `StartMaster` began; nil before it and after `KillAll`.
  private var bank: ScriptedBank?

  /// Makes a script without any lines.
  ///
  /// - Parameter seed: What the random choices of `Receive` and `ReceiveAll` are drawn from.
  package init(seed: UInt64) {
    self.seed = seed
  }

  /// Adds bytes behind all others; they may end in the middle of a line.
  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    lines.append(bytes)
  }

  /// Notes that no bytes follow, so that the last line is whole even without a newline.
  package mutating func endInput() {
    lines.endInput()
  }

  /// Carries out the next whole line.
  ///
  /// - Parameter output: Text in UTF-8, to which what the line prints is added, newlines included.
  /// - Returns: Whether there was a line; if not, more bytes are needed.
  /// - Throws: Why the line cannot be carried out; the one behind it can still be.
  package mutating func carryOutNextLine(
    into output: inout [UInt8]
  ) throws(BankScriptError) -> Bool {
    do throws(BankScriptError.Problem) {
      guard let line = try lines.next() else { return false }
      if let command = try command(of: line) { try carryOut(command, into: &output) }
      return true
    } catch {
      throw BankScriptError(line: lines.number, problem: error)
    }
  }

  /// Whether the input is no text at all, so that nothing more of it is read.
  package var isRefused: Bool { lines.isRefused }

  /// The command a line is; a line that is none may be no text either.
  private func command(
    of line: ArraySlice<UInt8>
  ) throws(BankScriptError.Problem) -> BankCommand? {
    do throws(BankScriptError.Problem) {
      return try BankCommand(parsing: line)
    } catch {
      do throws(TextProblem) {
        _ = try TextCheck.text(ofLine: line, number: lines.number)
      } catch {
        throw .notText(error)
      }
      throw error
    }
  }

  private mutating func carryOut(
    _ command: BankCommand, into output: inout [UInt8]
  ) throws(BankScriptError.Problem) {
    switch command {
    case .startMaster:
      guard bank == nil else { throw .alreadyStarted }
      bank = ScriptedBank(seed: seed)
    case .killAll:
      guard bank != nil else { throw .notStarted }
      bank = nil
    case .createNode(let id, let money):
      guard try bank?.createNode(id, money: money) != nil else { throw .notStarted }
    case .send(let amount, let source, let target):
      guard let isCovered = try bank?.send(amount, from: source, to: target) else {
        throw .notStarted
      }
      if !isCovered { output.append(text: "ERR_SEND\n") }
    case .receive(let receiver, let sender):
      guard let receipt = try bank?.receive(at: receiver, from: sender) else { throw .notStarted }
      receipt.write(to: &output)
    case .receiveAll:
      guard bank?.receiveAll() != nil else { throw .notStarted }
    case .beginSnapshot(let id):
      guard try bank?.beginSnapshot(at: id) != nil else { throw .notStarted }
      output.append(text: "Started by Node ")
      output.append(decimal: id)
      output.append(text: "\n")
    case .collectState:
      guard try bank?.collectState() != nil else { throw .notStarted }
    case .printSnapshot:
      guard let bank else { throw .notStarted }
      guard let snapshot = bank.collected else { throw .nothingCollected }
      snapshot.write(to: &output)
    }
  }
}
