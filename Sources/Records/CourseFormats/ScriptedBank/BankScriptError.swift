import TextFormats

/// Why a line of a bank script changes nothing.
package struct BankScriptError: Error, Hashable, Sendable {
  /// The problem.
  package enum Problem: Error, Hashable, Sendable {
    /// The line, or the whole input, is not text.
    case notText(TextProblem)
    /// The line exceeds the maximum length.
    case lineTooLong(byteCountMax: Int)
    /// The line's first word is not a command.
    case unknownCommand(String)
    /// The line has more words, or fewer, than the command.
    case wrongWordCount(usage: String, found: Int)
    /// The word is not a whole number.
    case notANumber(String)
    /// The number does not fit in 64 bits.
    case numberTooLarge(String)
    /// The amount is negative.
    case negativeMoney(Int64)
    /// No bank has begun, or it has ended.
    case notStarted
    /// A bank has begun and not ended.
    case alreadyStarted
    /// No node has this id.
    case unknownNode(Int64)
    /// A node has this id already.
    case repeatedNode(Int64)
    /// All nodes together would have more money than 64 bits can count.
    case tooMuchMoney
    /// A node cannot be created during a snapshot: it would be neither in it nor outside.
    case nodeDuringSnapshot(Int64)
    /// No channel leads from a node to itself.
    case selfChannel(Int64)
    /// The channel is empty.
    case emptyChannel(source: Int64, target: Int64)
    /// All channels to the node are empty.
    case nothingToReceive(Int64)
    /// The maximum number of snapshots is already in progress.
    case tooManySnapshots(countMax: Int)
    /// There is no snapshot to collect.
    case noSnapshot
    /// The last snapshot still waits for tokens at this many nodes.
    case snapshotUnfinished(initiator: Int64, nodeCount: Int)
    /// No snapshot has been collected yet.
    case nothingCollected
  }

  /// The line, from 1.
  package let line: Int
  /// The problem with it.
  package let problem: Problem

  /// Makes the error of a line.
  package init(line: Int, problem: Problem) {
    self.line = line
    self.problem = problem
  }
}

extension BankScriptError: CustomStringConvertible {
  /// The problem and its line, without the file's name, which the reader knows.
  package var description: String { "line \(line): \(problem)" }
}

extension BankScriptError.Problem: CustomStringConvertible {
  /// The problem in words.
  package var description: String {
    switch self {
    case .notText(let problem): "\(problem)"
    case .lineTooLong(let byteCountMax): "the line is longer than \(byteCountMax) bytes"
    case .unknownCommand(let word): "'\(word)' is not a command; there are \(Self.commands)"
    case .wrongWordCount(let usage, let found):
      "the line has \(Self.counted(found, "word")), but should read '\(usage)'"
    case .notANumber(let word): "'\(word)' is no whole number"
    case .numberTooLarge(let word): "'\(word)' does not fit in 64 bits"
    case .negativeMoney(let money): "\(money) is negative"
    case .notStarted: "no bank is open; StartMaster begins one, KillAll ends it"
    case .alreadyStarted: "a bank is open already; KillAll ends it"
    case .unknownNode(let id): "there is no node \(id)"
    case .repeatedNode(let id): "there is a node \(id) already"
    case .tooMuchMoney: "all nodes together would have more money than 64 bits can count"
    case .nodeDuringSnapshot(let id):
      "node \(id) cannot be created while a snapshot is under way; ReceiveAll ends it"
    case .selfChannel(let id): "node \(id) has no channel to itself"
    case .emptyChannel(let source, let target): "channel (\(source) -> \(target)) is empty"
    case .nothingToReceive(let id): "all channels to node \(id) are empty"
    case .tooManySnapshots(let countMax):
      "\(countMax) snapshots are under way, and no more are possible; ReceiveAll ends them"
    case .noSnapshot: "there is no snapshot to collect; BeginSnapshot begins one"
    case .snapshotUnfinished(let initiator, let nodeCount):
      "the snapshot of node \(initiator) has not finished: \(Self.counted(nodeCount, "node")) "
        + "without all tokens; ReceiveAll receives them"
    case .nothingCollected: "no snapshot has been collected; CollectState comes first"
    }
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  private static var commands: String {
    BankCommand.Verb.allCases.map(\.rawValue).joined(separator: ", ")
  }
}
