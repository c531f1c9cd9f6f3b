import SystemCalls
import TextFormats

extension JSONText {
  /// Reads a value from a file.
  ///
  /// - Throws: ``RunRecordError`` with the file and, where it is known, the key.
  package static func decode<Value: Decodable>(
    fileAt path: String, context: Context = [:]
  ) throws(RunRecordError) -> Value {
    let bytes = try TextFile.bytes(of: path)
    // Memory for a tree of all values and the values themselves: seven times the text, measured on
    // manifests of 10 and 42 MB by experiments/memory.sh.
    let byteCount = 8 * Double(bytes.count)
    let need = MemoryNeed(addressByteCount: byteCount, residentByteCount: byteCount)
    if let shortage = need.shortage { throw .tooLarge(path: path, shortage) }
    return try decode(bytes, path: path, context: context)
  }

  /// Decodes a value from bytes; `path` names their origin in errors.
  package static func decode<Value: Decodable>(
    _ bytes: [UInt8], path: String, context: Context = [:]
  ) throws(RunRecordError) -> Value {
    do throws(Failure) {
      return try decode(bytes, context: context)
    } catch {
      throw .malformed(path: path, line: error.line, column: error.key, problem: error.problem)
    }
  }
}

extension TextFile {
  /// The text of a file of a run or a sweep, as UTF-8.
  ///
  /// - Throws: ``RunRecordError`` when it is missing, cannot be read, or is not text.
  package static func bytes(of path: String) throws(RunRecordError) -> [UInt8] {
    do throws(Failure) {
      return try TextFile(path: path).bytes
    } catch {
      throw RunRecordError(error, path: path)
    }
  }
}

extension TextProblem {
  /// The error of the file at `path`.
  package func error(path: String) -> RunRecordError {
    .malformed(path: path, line: line, column: nil, problem: description)
  }
}

extension RunRecordError {
  /// Makes the error of a file of a run, or of another text file.
  package init(_ failure: TextFile.Failure, path: String) {
    self =
      switch failure {
      case .notText(let path, let problem): problem.error(path: path)
      case .tooLarge(let path, let shortage): .tooLarge(path: path, shortage)
      case .unreadable(let error) where error.isNotFound || error.number == ENOTDIR:
        .missing(path: path)
      case .unreadable(let error): .unreadable(error)
      }
  }
}
