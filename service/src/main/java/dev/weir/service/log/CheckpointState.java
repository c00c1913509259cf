package dev.weir.service.log;

import java.io.IOException;
import java.io.OutputStream;

/** The state of a checkpoint, written in pieces so that no array has to hold all of it. */
@FunctionalInterface
public interface CheckpointState {
  /** Writes all of it; may be called more than once, and then gives the same bytes. */
  void writeTo(OutputStream out) throws IOException;
}
