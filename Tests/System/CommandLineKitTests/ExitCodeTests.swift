import CommandLineKit
import SystemCalls
import Testing

/// 73 and 74, which scripts tell apart.
@Suite("Outputs that the system refuses")
struct ExitCodeTests {
  @Test(
    "A full disk, met while writing or while creating, is 74; what cannot be created, 73",
    arguments: [
      ("write", ENOSPC, 74), ("write", EFBIG, 74), ("write", EIO, 74), ("mkdir", ENOSPC, 74),
      ("open", EDQUOT, 74), ("open", EACCES, 73), ("open", ENOENT, 73), ("mkdir", ENOTDIR, 73),
      ("rename", EISDIR, 73),
    ] as [(call: String, number: Int32, exitCode: Int32)])
  func refusedOutput(row: (call: String, number: Int32, exitCode: Int32)) {
    let error = SystemError(call: row.call, subject: "out", number: row.number)
    let failure = ToolFailure(refusedOutput: error, advice: "go elsewhere")
    #expect(ExitCode(ofRefusedOutput: error).rawValue == row.exitCode)
    #expect(failure.exitCode.rawValue == row.exitCode)
    #expect(
      failure.message
        == (row.exitCode == 74
          ? "cannot write 'out': \(error.reason); make room, or go elsewhere"
          : "cannot create 'out': \(error.reason); go elsewhere"))
  }
}
