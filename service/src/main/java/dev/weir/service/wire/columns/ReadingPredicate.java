package dev.weir.service.wire.columns;

/** Decides whether a reading belongs to a {@link RowSet}. May keep state, which its caller owns. */
@FunctionalInterface
public interface ReadingPredicate {
  /** Returns whether the reading at which the reader stands is in. The reader must not be moved. */
  boolean test(ColumnsReader at);
}
