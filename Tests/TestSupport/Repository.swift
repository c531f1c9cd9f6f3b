import SystemCalls

/// This project's folder, found from where this file was compiled.
public enum Repository {
  /// Without a slash at its end.
  public static let path = FileSystem.parentPath(
    of: FileSystem.parentPath(of: FileSystem.parentPath(of: #filePath)))
}
