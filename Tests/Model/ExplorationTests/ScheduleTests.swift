import LogicalTime
import ScaleModel
import Testing

@testable import Exploration

@Suite("Texts of schedules")
struct ScheduleTests {
  private static let facts = [
    Schedule.Fact("machines", "2"), Schedule.Fact("program", "sh -c 'x = 1 # one'"),
    Schedule.Fact("start 0", ""),
  ]

  @Test("A schedule's text is read as it is written, with its plan")
  func text() throws {
    let schedule = Schedule(
      [
        (.tick(0, outcome: 3), "machine 0 sends"), (.deliver(from: 0, to: 1, position: 0), nil),
        (.tick(1, outcome: .max), nil),
      ],
      drawMax: 4, plan: Self.facts)
    let read = try Schedule(schedule.description)
    #expect(read.plan == Self.facts && read.drawMax == 4)
    #expect(read.lines.map(\.action) == schedule.lines.map(\.action))
    #expect(read.lines.map(\.words) == schedule.lines.map(\.words))
    #expect(read.headTexts.count == 4 && read.texts == schedule.texts)
    #expect(Schedule.Fact("program", "two\nlines").text == "two lines")
  }

  @Test(
    "It goes with the plan that it was made with, and with no other",
    arguments: [
      ("", nil), ("plan machines = 2\nplan order = none", nil),
      (
        "plan machines = 3\nplan order = none",
        "it was made with 'machines = 3', and this plan has 'machines = 2'"
      ),
      (
        "plan machines = 2\nplan order = none\nplan inside = 1",
        "it was made with 'inside = 1', and this plan has none"
      ),
      ("plan machines = 2", "it says nothing of 'order = none', which this plan has"),
    ] as [(text: String, problem: String?)])
  func plans(row: (text: String, problem: String?)) throws {
    let schedule = try Schedule(row.text + "\ntick 0")
    var problem: ScheduleError?
    do throws(ScheduleError) {
      try schedule.requirePlan([.init("machines", "2"), .init("order", "none")])
    } catch {
      problem = error
    }
    #expect((problem == nil) == (row.problem == nil))
    if let text = row.problem, let problem { #expect("\(problem)".hasPrefix(text), "\(problem)") }
  }

  @Test("What is on a channel comes out in order, from the front and from the middle")
  func contents() {
    var random = SplitMix64(state: 7)
    var (channel, array) = (ChannelContents<Int>(), [Int]())
    for number in 0..<2000 {
      if number < 500 || random.draw(below: 3) == 0 {
        channel.append(number)
        array.append(number)
      } else if !array.isEmpty {
        let position = random.draw(below: 4) == 0 ? Int(random.draw(below: UInt64(array.count))) : 0
        #expect(channel.remove(at: position) == array.remove(at: position))
      }
      if number % 97 == 0 { #expect(Array(channel) == array && channel.count == array.count) }
    }
    #expect(Array(channel) == array)
  }

  @Test("Carried out alone, a schedule leads to the machines that it leads to in an exploration")
  func alone() throws {
    let model = try WorldModelTests.model("mutex-lamport", Topology(completeWith: 3)) {
      $0.isFIFO = false
    }
    for seed in 0..<10 as Range<UInt64> {
      let walk = RandomWalk(model, seed: seed, actionCountMax: 200)
      var world = model.initialWorld
      for action in walk.actions { model.perform(action, on: &world) }
      let (alone, told) = try Schedule(walk.actions.map { ($0, nil) }, drawMax: 16).carryOut(model)
      for id in model.settings.topology.machineIDs {
        #expect(alone[id].workload == world[id].workload && alone[id].clock == world[id].clock)
        #expect(alone[id].inbox.messages == world[id].inbox.messages)
      }
      #expect(alone.channels.map(\.count) == world.channels.map(\.count))
      #expect(told.lines.allSatisfy { $0.words != nil })
    }
  }
}
