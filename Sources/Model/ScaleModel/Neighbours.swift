import LogicalTime

/// One of the machines a machine can send to, by its index among them.
///
/// A machine does not need its neighbours' ids: it says "my second neighbour", and the sink looks
/// up the id in the ``Topology``. So a machine is as small with a million neighbours as with two.
@frozen
public struct Neighbour: Hashable, Sendable {
  /// The index among the machine's neighbours in ascending order of id, from zero.
  public let index: UInt32

  /// Makes the neighbour at an index.
  @inlinable
  public init(index: Int) {
    self.index = UInt32(index)
  }
}

/// What a machine knows of the machines it can send to.
@frozen
public struct Neighbours: Hashable, Sendable {
  /// How many there are.
  public let count: Int
  /// The target of a die's 1: id + 1, cyclic, when all are connected; else the first.
  public let next: Neighbour
  /// The target of a die's 2: id − 1, cyclic, when all are connected; else the last.
  public let previous: Neighbour

  /// Describes `count` neighbours; without any, `next` and `previous` mean nothing.
  @inlinable
  public init(count: Int, next: Neighbour, previous: Neighbour) {
    self.count = count
    self.next = next
    self.previous = previous
  }
}
