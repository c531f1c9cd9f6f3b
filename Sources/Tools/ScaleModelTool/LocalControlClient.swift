import CommandLineKit
import RunControl
import RunRecord
import ScaleModel
import SystemCalls
import WallTime

/// A client for a run in another shell, through its control socket.
struct LocalControlClient {
  /// The run's directory.
  let directory: RunDirectory
  /// What the client asks for, in errors: `snapshots`.
  let wish: String
  /// The advice for a run in virtual time, which takes no requests.
  let virtualAdvice: String

  /// The option for the run's time to answer.
  static func timeout(help: String) -> Option<TimeSpan> {
    Option<TimeSpan>(
      "--timeout", "TIME", help: help,
      expected: "a time greater than zero, such as 10s, of a year at most"
    ) { word in
      TimeSpan(word).flatMap { $0.isPossibleTimeout ? $0 : nil }
    }
  }

  /// Asks the run, and waits for its answer.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - hearBeginning: Called when the run reports that a snapshot has begun.
  /// - Returns: The answer.
  /// - Throws: `ToolFailure` when the run does not answer, or there is none.
  func answer(
    to request: ControlRequest, hearBeginning: (SnapshotOutlook) -> Void = { _ in }
  ) throws -> ControlAnswer {
    let descriptor = try connect(AnswerLine.patienceMilliseconds(of: request))
    defer { descriptor.end() }
    return try AnswerLine(name: name, path: directory.controlSocketPath, descriptor: descriptor)
      .answer(to: request, hearBeginning: hearBeginning)
  }

  /// The run's name in errors.
  private var name: String { "the run in '\(directory.path)'" }

  /// Connects to the run's control socket, or reports why it cannot, in the run's own words.
  private func connect(_ patienceMilliseconds: Int64) throws -> Descriptor {
    do throws(SystemError) {
      return try connectInTurn(patienceMilliseconds)
    } catch {
      if error.number == EAGAIN { throw AnswerLine.silence(of: name) }
      // This check comes first: a directory without permission looks like a missing one.
      if error.number == EACCES || error.number == EPERM {
        throw ToolFailure(
          .unavailable,
          "\(name) belongs to another user, and only that user may ask it for \(wish)")
      }
      guard FileSystem.isDirectory(directory.path) else {
        throw ToolFailure(
          .noInput, "there is no run in '\(directory.path)'; start one with 'scalemodel run'")
      }
      throw ToolFailure(.unavailable, try whyClosed())
    }
  }

  /// Connects, and retries while the socket's backlog is full.
  private func connectInTurn(_ patienceMilliseconds: Int64) throws(SystemError) -> Descriptor {
    let deadline = SystemClock.monotonicNanoseconds + patienceMilliseconds * 1_000_000
    while true {
      do throws(SystemError) {
        return try Socket.connect(unixPath: directory.controlSocketPath)
      } catch {
        let isCrowded = error.number == EAGAIN
        guard isCrowded, SystemClock.monotonicNanoseconds < deadline else { throw error }
        SystemClock.sleep(nanoseconds: 2_000_000)
      }
    }
  }

  private func whyClosed() throws -> String {
    do throws(RunRecordError) {
      let manifest = try Manifest.read(from: directory)
      if manifest.status == .running {
        if manifest.runtime == "virtual", directory.work(on: manifest) != .ended {
          return "\(name) is in virtual time and accepts no commands; \(virtualAdvice)"
        }
        switch directory.work(on: manifest) {
        case .goesOn:
          return "\(name) is running but does not answer; try again"
        case .ended:
          return "\(name) ended without saying so: it was killed, or could not write its end; "
            + "\(wish) are taken while it runs"
        case .unknown(let host):
          return "\(name) does not answer; it has died or just begun"
            + (host.map { ", or it runs on another host, '\($0)'" } ?? "")
        }
      }
      return "\(name) is over (\(manifest.status.rawValue)); "
        + "\(wish) are taken while it runs"
    } catch {
      if case .malformed = error {
        throw ToolFailure(.malformedInput, "\(error); correct the file, or ask another run")
      }
      throw ToolFailure(.noInput, "\(error); is '\(directory.path)' a run directory?")
    }
  }
}
