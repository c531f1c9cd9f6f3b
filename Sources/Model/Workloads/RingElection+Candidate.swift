import LogicalTime
import ScaleModel

extension RingElection {
  /// A number on its way around the ring.
  public struct Candidate: Hashable, Sendable {
    /// The number.
    public var candidate: Int64
    /// The machine that drew it.
    public var drawnBy: MachineID
    /// Whether it has won; machines pass that on unconditionally.
    public var elected: Bool

    /// The order of candidates; machines decide between equal numbers.
    func isLarger(than other: Candidate) -> Bool {
      (candidate, drawnBy) > (other.candidate, other.drawnBy)
    }
  }
}

extension RingElection.Candidate: StateValue {
  /// Appends the number, the machine, and whether it has won.
  public func write(to bytes: inout [UInt8]) {
    candidate.write(to: &bytes)
    drawnBy.write(to: &bytes)
    elected.write(to: &bytes)
  }

  /// Reads a candidate.
  public init?(from reader: inout StateReader) {
    guard let candidate = Int64(from: &reader), let drawnBy = MachineID(from: &reader),
      let elected = Bool(from: &reader)
    else { return nil }
    self.init(candidate: candidate, drawnBy: drawnBy, elected: elected)
  }
}
