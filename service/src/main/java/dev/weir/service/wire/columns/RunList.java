package dev.weir.service.wire.columns;

import dev.weir.common.OwnedBy;
import java.util.ArrayList;
import java.util.List;

/** Runs being gathered: consecutive readings of one kind share one. Owned by its caller. */
@OwnedBy("its caller")
public final class RunList {
  private final List<RunBuilder> runs = new ArrayList<>();
  private RunBuilder last;

  /** The run that takes the next reading. */
  public RunBuilder ofKind(int kind) {
    if (last == null || last.kind() != kind) {
      last = new RunBuilder(kind);
      runs.add(last);
    }
    return last;
  }

  public List<RunBuilder> runs() {
    return runs;
  }
}
