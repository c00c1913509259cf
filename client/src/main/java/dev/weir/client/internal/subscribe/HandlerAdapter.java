package dev.weir.client.internal.subscribe;

import dev.weir.client.AsyncReadingHandler;
import dev.weir.client.ReadingHandler;
import dev.weir.v1.Reading;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/** The form in which a user takes deliveries. Called by the subscriber's thread, which owns it. */
interface HandlerAdapter {
  /** Deliveries it may be working on; 0: it has finished with each when it is handed over. */
  int inFlightMax();

  /** A delivery begins; what takes its readings. */
  ReadingHandler begin();

  /**
   * The delivery is complete.
   *
   * @return completes when it is done with; null: it is
   */
  CompletionStage<?> delivered(String cursor);

  /** Somebody woke the thread. */
  default void woken() {}

  /** A handler that has finished when it returns. */
  static HandlerAdapter of(ReadingHandler handler) {
    return new HandlerAdapter() {
      @Override
      public int inFlightMax() {
        return 0;
      }

      @Override
      public ReadingHandler begin() {
        return handler;
      }

      @Override
      public CompletionStage<?> delivered(String cursor) {
        handler.onBatch(cursor);
        return null;
      }
    };
  }

  /** A handler that finishes later. */
  static HandlerAdapter of(AsyncReadingHandler handler, int inFlightMax) {
    return new HandlerAdapter() {
      private List<Reading> readings;

      @Override
      public int inFlightMax() {
        return inFlightMax;
      }

      @Override
      public ReadingHandler begin() {
        List<Reading> gathered = new ArrayList<>();
        readings = gathered;
        return gathered::add;
      }

      @Override
      public CompletionStage<?> delivered(String cursor) {
        return Objects.requireNonNull(
            handler.onReadings(Collections.unmodifiableList(readings), cursor),
            "an AsyncReadingHandler returned null instead of a stage");
      }
    };
  }
}
