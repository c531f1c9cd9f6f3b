import Snapshots
import TextFormats

/// A bank script, executed line by line as its bytes arrive.
///
/// A line that fails changes nothing, and the script continues after it. Commands between
/// `StartMaster` and `KillAll` act on one bank; all others outside are errors. A script may then
/// begin another bank, whose random choices start again from the seed.
package struct BankScript {
  private let seed: UInt64
  private var lines = ScriptLines()
  /// The bank that `StartMaster` began; nil before it and after `KillAll`.
  private var bank: ScriptedBank?

  /// Makes a script without any lines.
  ///
  /// - Parameter seed: The seed of the random choices of `Receive` and `ReceiveAll`.
  package init(seed: UInt64) {
    self.seed = seed
  }

  /// Appends bytes; they may end in the middle of a line.
  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    lines.append(bytes)
  }

  /// Ends the input, so that the last line is complete even without a newline.
  package mutating func endInput() {
    lines.endInput()
  }

  /// Executes the next complete line.
  ///
  /// - Parameter output: UTF-8 text to which the line's output is appended, newlines included.
  /// - Returns: Whether there was a line; if not, more bytes are needed.
  /// - Throws: Why the line fails; the next one can still be executed.
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

  /// Whether the input is not text, so that nothing more of it is read.
  package var isRefused: Bool { lines.isRefused }

  /// Parses a line's command; a line that is not a command may also not be text.
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
