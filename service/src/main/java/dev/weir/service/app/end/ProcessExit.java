package dev.weir.service.app.end;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;

/** The way out of a process. Thread-safe. */
public interface ProcessExit {
  /** Writes a line to standard error, without allocating. May block, or fail silently. */
  void write(byte[] line, int length);

  /** Ends the process: no hook runs, nothing is flushed. Returns only in tests. */
  void halt(int code);

  /** Returns the exit of this process. */
  static ProcessExit ofThisProcess() {
    // Never closed: the descriptor is the process's.
    FileOutputStream err = new FileOutputStream(FileDescriptor.err);
    return new ProcessExit() {
      @Override
      public void write(byte[] line, int length) {
        try {
          err.write(line, 0, length);
        } catch (IOException nobodyReads) {
          // The exit code says it too.
        }
      }

      @Override
      public void halt(int code) {
        Runtime.getRuntime().halt(code);
      }
    };
  }
}
