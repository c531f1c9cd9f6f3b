import CourseFormats

/// The result of a script: its output, and every error.
struct ScriptResult: Equatable {
  let output: String
  private(set) var errors: [BankScriptError] = []

  /// Carries out a script.
  init(_ text: String, seed: UInt64 = 0) {
    self.init(Array(text.utf8), seed: seed)
  }

  /// Carries out a script whose bytes come in pieces.
  init(_ bytes: [UInt8], seed: UInt64 = 0, pieceByteCount: Int = .max) {
    var script = BankScript(seed: seed)
    var text: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      script.append(bytes: Array(rest.prefix(pieceByteCount)))
      rest = rest.dropFirst(pieceByteCount)
      script.carryOut(into: &text, &errors)
    }
    script.endInput()
    script.carryOut(into: &text, &errors)
    output = String(decoding: text, as: UTF8.self)
  }
}

extension BankScript {
  mutating func append(bytes: [UInt8]) {
    bytes.withUnsafeBytes { append($0) }
  }

  /// Carries out the whole lines there are.
  mutating func carryOut(into output: inout [UInt8], _ errors: inout [BankScriptError]) {
    while true {
      do throws(BankScriptError) {
        if try !carryOutNextLine(into: &output) { return }
      } catch {
        errors.append(error)
      }
    }
  }
}
