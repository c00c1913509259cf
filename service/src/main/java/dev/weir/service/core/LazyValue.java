package dev.weir.service.core;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * A value that is made when it is first asked for, for all who share it. Thread-safe and without a
 * lock: two who ask first at the same time may both make it, and get the same one all the same.
 *
 * @param <T> the value, immutable by agreement
 */
public final class LazyValue<T> {
  private final AtomicReference<T> value = new AtomicReference<>();
  private final Supplier<T> maker;

  /** A value to be made like this. */
  public LazyValue(Supplier<T> maker) {
    this.maker = maker;
  }

  /** The value, made if nobody asked before. */
  public T get() {
    T made = value.get();
    if (made == null) {
      value.compareAndSet(null, maker.get());
      made = value.get();
    }
    return made;
  }
}
