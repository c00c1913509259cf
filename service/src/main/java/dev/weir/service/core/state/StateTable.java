package dev.weir.service.core.state;

import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A table of the transitions between states, by event. Thread-safe: the table never changes, and it
 * notes which transitions were ever taken, so that a test can tell which were not.
 *
 * @param <S> the states
 * @param <E> the events
 */
public final class StateTable<S extends Enum<S>, E extends Enum<E>> {
  /**
   * One allowed transition.
   *
   * @param from the state before
   * @param event what happens
   * @param to the state after
   */
  public record Transition<S, E>(S from, E event, S to) {}

  private final Map<S, Map<E, Transition<S, E>>> rows;
  private final Set<Transition<S, E>> visited = ConcurrentHashMap.newKeySet();

  private StateTable(Map<S, Map<E, Transition<S, E>>> rows) {
    this.rows = rows;
  }

  /** Begins a table of these states and events. */
  public static <S extends Enum<S>, E extends Enum<E>> Builder<S, E> of(
      Class<S> states, Class<E> events) {
    return new Builder<>(states, events);
  }

  /**
   * The state after an event.
   *
   * @throws IllegalStateException if the table has no such transition: a defect of the caller
   */
  public S next(S state, E event) {
    Transition<S, E> found = rows.get(state).get(event);
    if (found == null) {
      throw new IllegalStateException("no transition from " + state + " on " + event);
    }
    visited.add(found);
    return found.to();
  }

  /** Returns whether the table has a transition. */
  public boolean allows(S state, E event) {
    return rows.get(state).containsKey(event);
  }

  /** All transitions. */
  public Set<Transition<S, E>> transitions() {
    var all = new LinkedHashSet<Transition<S, E>>();
    rows.values().forEach(row -> all.addAll(row.values()));
    return all;
  }

  /** Transitions never taken since the process began. */
  public Set<Transition<S, E>> unvisited() {
    Set<Transition<S, E>> never = transitions();
    never.removeAll(visited);
    return never;
  }

  /** Gathers a table. Used by one thread. */
  public static final class Builder<S extends Enum<S>, E extends Enum<E>> {
    private final Map<S, Map<E, Transition<S, E>>> rows;

    private Builder(Class<S> states, Class<E> events) {
      rows = new EnumMap<>(states);
      for (S state : states.getEnumConstants()) {
        rows.put(state, new EnumMap<>(events));
      }
    }

    /** Allows a transition; each state and event once. */
    public Builder<S, E> allow(S from, E event, S to) {
      if (rows.get(from).putIfAbsent(event, new Transition<>(from, event, to)) != null) {
        throw new IllegalArgumentException("second transition from " + from + " on " + event);
      }
      return this;
    }

    /** Allows an event in every state but the one it leads to. */
    public Builder<S, E> allowFromOthers(E event, S to) {
      for (S from : rows.keySet()) {
        if (from != to) {
          allow(from, event, to);
        }
      }
      return this;
    }

    /** The table; the builder is not used after this. */
    public StateTable<S, E> build() {
      return new StateTable<>(rows);
    }
  }
}
