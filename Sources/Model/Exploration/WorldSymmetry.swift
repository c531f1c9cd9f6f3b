import LogicalTime
import Predicates
import ScaleModel
import Snapshots

/// All changes of machines' ids after which a plan's machines may do the same.
///
/// Worlds that such a change turns into each other have the same future, but for the ids. An
/// exploration goes on from the one that it finds first, and tells worlds apart by the least of the
/// digests that the changes give them.
///
/// - Invariant: The changes are a group; the first changes nothing.
/// - SeeAlso: C. N. Ip and D. L. Dill, "Better Verification Through Symmetry", Formal Methods in
///   System Design 9, 1996. <https://doi.org/10.1007/BF00625968>
struct WorldSymmetry: Sendable {
  /// Other ids for the machines.
  struct Change: Sendable {
    let renaming: MachineRenaming
    /// For each channel, the index of the one that gets its ends.
    let channels: [Int]
  }

  let changes: [Change]

  /// The most changes that are tried on each world; of more, those of fewer machines are.
  private static let countMax = 720

  /// Finds the changes that a topology allows; nil when there is none.
  init?(_ symmetry: MachineSymmetry, _ topology: Topology, channels: [ChannelID]) {
    let machines = topology.machineIDs
    var renamings: [[MachineID]] = []
    var changedCount = machines.count - symmetry.firstChanged.index
    repeat {
      let changed = machines.dropFirst(symmetry.firstChanged.index).prefix(changedCount)
      renamings = Self.renamings(Set(changed), symmetry, topology)
      changedCount -= 1
    } while renamings.count > Self.countMax
    guard renamings.count > 1 else { return nil }
    changes = renamings.map { ids in
      // For each machine, the index of the one that gets its id.
      let sources = machines.map { id in ids.firstIndex(of: id) ?? id.index }
      return Change(
        renaming: MachineRenaming(ids),
        channels: channels.map { channel in
          let source = ChannelID(
            from: MachineID(sources[channel.source.index]),
            to: MachineID(sources[channel.target.index]))
          return channels.firstIndex(of: source) ?? 0
        })
    }
  }

  /// The new ids of each possible change of these machines, up to one more than are tried.
  private static func renamings(
    _ changed: Set<MachineID>, _ symmetry: MachineSymmetry, _ topology: Topology
  ) -> [[MachineID]] {
    var (found, ids): ([[MachineID]], [MachineID]) = ([], [])
    func isKept(_ machine: Int) -> Bool {
      let id = MachineID(machine)
      for other in 0..<machine {
        let otherID = MachineID(other)
        guard
          topology.hasChannel(from: id, to: otherID)
            == topology.hasChannel(from: ids[machine], to: ids[other]),
          topology.hasChannel(from: otherID, to: id)
            == topology.hasChannel(from: ids[other], to: ids[machine])
        else { return false }
      }
      return symmetry.kept.allSatisfy { list in
        (0...machine).allSatisfy { other in
          let target = list[other].index
          return target > machine || list[ids[other].index] == ids[target]
        }
      }
    }
    func extend() {
      if ids.count == topology.machineCount {
        found.append(ids)
        return
      }
      let id = MachineID(ids.count)
      for new in changed.contains(id) ? topology.machineIDs.filter(changed.contains) : [id]
      where !ids.contains(new) && found.count <= countMax {
        ids.append(new)
        if isKept(ids.count - 1) { extend() }
        ids.removeLast()
      }
    }
    extend()
    return found
  }
}

extension WorldModel {
  /// Which of its machines are alike; nil where it does not reduce, and where something tells
  /// machines apart: a condition, or that not all neighbours are tried that a draw may choose.
  static func findSymmetry(
    of workload: Work, _ settings: WorldSettings, _ conditions: [CheckedCondition],
    _ goals: [Expression], _ fields: WorkloadFields<Work>, channels: [ChannelID]
  ) -> WorldSymmetry? {
    let topology = settings.topology
    guard settings.reduces, settings.crashCountMax == 0, settings.snapshotCountMax == 0,
      let symmetry = workload.symmetry(in: topology), symmetry.drawCount <= settings.drawMax
    else { return nil }
    let vocabulary = Expression.Vocabulary(
      machineCount: topology.machineCount, stateFields: fields.state.map(\.declaration),
      messageFields: fields.message.map(\.declaration))
    guard
      (conditions.map(\.expression) + goals).allSatisfy({
        $0.isSymmetric(from: symmetry.firstChanged.index, in: vocabulary)
      })
    else { return nil }
    return WorldSymmetry(symmetry, topology, channels: channels)
  }
}
