import LogicalTime
import RunControl
import SystemCalls
import Transport

/// How a control client connects to a machine of a run on several hosts, at the port for peers.
///
/// The client shows the run's token. From then on the connection is like one to the control
/// socket: a request is a line of JSON, and so is an answer.
package enum ControlHandshake {
  /// Why the client was not admitted.
  package enum Failure: Error, Hashable, Sendable {
    /// No address of the machine can be reached.
    case unreachable(reason: String)
    /// The machine does not answer, or not as a machine of this version would.
    case silent
    /// The machine rejects the client.
    case rejected(Refusal)
  }

  /// Connects to a machine and shows it the run's token.
  ///
  /// - Parameters:
  ///   - machine: The machine.
  ///   - file: The cluster file, with the run's token and the machine's endpoint.
  ///   - seconds: How long to wait for each connection, and for each answer.
  /// - Returns: The connection, which the caller owns; its reads and writes do not block.
  /// - Throws: ``Failure`` of the last address tried, when no address admits the client.
  package static func begin(
    at machine: MachineID, of file: ClusterFile, seconds: Int32
  ) throws(Failure) -> Descriptor {
    let endpoint = file.endpoints[machine.index]
    let addresses: [String]
    do throws(SystemError) {
      addresses = try endpoint.resolved().hosts
    } catch {
      throw .unreachable(reason: error.reason)
    }
    var failure = Failure.silent
    for address in addresses {
      do throws(Failure) {
        let descriptor = try connect(to: address, port: endpoint.port, seconds: seconds)
        do throws(Failure) {
          try sayHello(on: descriptor, at: machine, of: file, seconds: seconds)
          return descriptor
        } catch {
          descriptor.end()
          throw error
        }
      } catch {
        failure = error
        // A machine that rejects the client is the right one: no other address would help.
        if case .rejected = error { break }
      }
    }
    throw failure
  }

  private static func connect(
    to address: String, port: UInt16, seconds: Int32
  ) throws(Failure) -> Descriptor {
    let descriptor: Descriptor
    do throws(SystemError) {
      descriptor = try Socket.connect(host: address, port: port)
    } catch {
      throw .unreachable(reason: error.reason)
    }
    guard descriptor.waitUntilWritable(milliseconds: seconds * 1000) else {
      descriptor.end()
      throw .silent
    }
    if let failure = Socket.connectFailure(of: descriptor) {
      descriptor.end()
      throw .unreachable(reason: failure.reason)
    }
    return descriptor
  }

  private static func sayHello(
    on descriptor: Descriptor, at machine: MachineID, of file: ClusterFile, seconds: Int32
  ) throws(Failure) {
    let clientHello = OutgoingQueue()
    _ = WireMessage.clientHello(
      WireMessage.Hello(id: machine, token: file.runToken, planDigest: file.digest)
    ).append(to: clientHello)
    // The stream is new and the frame small: one write takes it all.
    try? clientHello.write(to: descriptor)
    switch try answer(on: descriptor, seconds: seconds) {
    case .welcome: return
    case .refusal(let refusal): throw .rejected(refusal)
    case .hello, .clientHello, .message, .roundMessage, .marker: throw .silent
    }
  }

  /// Waits for the first frame.
  private static func answer(
    on descriptor: Descriptor, seconds: Int32
  ) throws(Failure) -> WireMessage {
    let reader = FrameReader(byteCountMax: WireMessage.helloByteCount)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    defer { room.deallocate() }
    var answer: WireMessage?
    let deadline = SystemClock.monotonicNanoseconds + Int64(seconds) * 1_000_000_000
    while answer == nil {
      let milliseconds = (deadline - SystemClock.monotonicNanoseconds) / 1_000_000
      guard milliseconds > 0,
        descriptor.waitUntilReadable(milliseconds: Int32(clamping: milliseconds))
      else { throw .silent }
      do throws(FrameError) {
        let outcome = try reader.read(from: descriptor, through: room) { frame throws(FrameError) in
          answer = try WireMessage(frame)
        }
        if outcome == .ended && answer == nil { throw FrameError.malformed }
      } catch {
        throw .silent
      }
    }
    guard let answer else { throw .silent }
    return answer
  }
}

extension ControlHandshake.Failure: CustomStringConvertible {
  /// The reason and a remedy, as the rest of a sentence that begins with the machine.
  package var description: String {
    switch self {
    case .unreachable(let reason): "cannot be reached: \(reason); see whether it runs"
    case .silent: "does not answer as a machine of this version would; see whether it is stopped"
    case .rejected(let refusal): "rejects us: \(refusal)"
    }
  }
}
