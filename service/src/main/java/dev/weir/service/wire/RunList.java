package dev.weir.service.wire;

import dev.weir.service.core.OwnedBy;
import java.util.ArrayList;
import java.util.List;

/** Runs being gathered: consecutive readings of one kind share one. Owned by its caller. */
@OwnedBy("its caller")
final class RunList {
  private final List<RunBuilder> runs = new ArrayList<>();
  private RunBuilder last;

  /** The run that takes the next reading. */
  RunBuilder ofKind(int kind) {
    if (last == null || last.kind() != kind) {
      last = new RunBuilder(kind);
      runs.add(last);
    }
    return last;
  }

  List<RunBuilder> runs() {
    return runs;
  }
}
