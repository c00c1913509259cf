package dev.weir.service.catalog;

import dev.weir.common.OwnedBy;
import dev.weir.service.core.Slice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;

/**
 * The topics and cursors that the events of the system partition result in, for readers only:
 * nothing can be stored by it. Owned by whoever made it.
 */
@OwnedBy("its maker")
public final class SystemFold {
  private final TopicStore topics = new TopicStore(null);
  private final CursorStore cursors = new CursorStore(null, null);

  /**
   * Folds a run of events in: a record's, or a checkpoint's state.
   *
   * @throws IOException if they are no events, or a newer Weir wrote them
   */
  public void apply(Slice events) throws IOException {
    for (SystemEvent event : SystemEventCodec.read(events)) {
      topics.apply(event);
      cursors.apply(event);
    }
  }

  /** The topics. */
  public Collection<TopicInfo> topics() {
    return topics.all();
  }

  /** Topics that are deleted and whose logs may still be there. */
  public List<TopicInfo> deleted() {
    return topics.deleted();
  }

  /** Returns the cursors committed in a topic. */
  public List<CursorStore.Committed> cursors(TopicInfo topic) {
    return cursors.page(topic, "", Integer.MAX_VALUE);
  }

  /** Returns whether another fold came to the same. */
  public boolean sameAs(SystemFold other) {
    return new HashSet<>(state()).equals(new HashSet<>(other.state()));
  }

  private List<SystemEvent> state() {
    List<SystemEvent> state = new ArrayList<>();
    try {
      topics.write(state::add);
      cursors.write(state::add);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return state;
  }
}
