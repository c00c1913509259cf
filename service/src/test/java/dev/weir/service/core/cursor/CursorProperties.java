package dev.weir.service.core.cursor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.ByteRange;

/** Cursors come back as they were given out, or not at all. */
class CursorProperties {
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  @Property
  void roundTrip_keepsEverything(
      @ForAll long logId, @ForAll("positions") List<Position> positions) {
    Cursor cursor = Cursor.of(logId, positions);
    Cursor read = Cursor.parse(cursor.text()).orElseThrow();
    assertThat(read).isEqualTo(cursor);
    assertThat(read.logId()).isEqualTo(logId);
    assertThat(read.positions()).isEqualTo(positions);
  }

  @Property
  void oneMovedPartition_leavesTheOthers(
      @ForAll("positions") List<Position> positions,
      @ForAll("position") Position moved,
      @ForAll @ByteRange(min = 0) byte pick) {
    int partition = pick % positions.size();
    var expected = new ArrayList<>(positions);
    expected.set(partition, moved);
    Cursor cursor = Cursor.of(1, positions);
    assertThat(cursor.with(partition, moved)).isEqualTo(Cursor.of(1, expected));
    assertThat(cursor.textWith(partition, moved)).isEqualTo(Cursor.of(1, expected).text());
  }

  @Property(tries = 60)
  void anyOtherCharacterAnywhere_isRefused(@ForAll("fewPositions") List<Position> positions) {
    String text = Cursor.of(99, positions).text();
    for (int i = 0; i < text.length(); i++) {
      for (int c = 0; c < ALPHABET.length(); c++) {
        char other = ALPHABET.charAt(c);
        if (other != text.charAt(i)) {
          String damaged = text.substring(0, i) + other + text.substring(i + 1);
          assertThat(Cursor.parse(damaged)).as(damaged).isEmpty();
        }
      }
    }
  }

  @Property(tries = 200)
  void anyTruncation_isRefused(@ForAll("positions") List<Position> positions) {
    String text = Cursor.of(99, positions).text();
    for (int length = 0; length < text.length(); length++) {
      assertThat(Cursor.parse(text.substring(0, length))).isEmpty();
    }
  }

  @Property
  void anyText_neverThrows(@ForAll String text) {
    Cursor.parse(text).ifPresent(cursor -> assertThat(cursor.text()).isEqualTo(text));
  }

  @Property
  void laterOfTwo_isTheSameInAnyOrderAndHoweverOften(
      @ForAll("closeCursor") Cursor a,
      @ForAll("closeCursor") Cursor b,
      @ForAll("closeCursor") Cursor c) {
    assertThat(Cursor.later(a, a)).isEqualTo(a);
    assertThat(Cursor.later(a, b)).isEqualTo(Cursor.later(b, a));
    assertThat(Cursor.later(Cursor.later(a, b), b)).isEqualTo(Cursor.later(a, b));
    assertThat(Cursor.later(Cursor.later(a, b), c)).isEqualTo(Cursor.later(a, Cursor.later(b, c)));
  }

  @Property
  void laterOfTwo_isBehindNeitherAndMadeOfBoth(
      @ForAll("closeCursor") Cursor a, @ForAll("closeCursor") Cursor b) {
    Cursor later = Cursor.later(a, b);
    for (int p = 0; p < later.partitions(); p++) {
      Position position = later.position(p);
      assertThat(position).isIn(a.position(p), b.position(p));
      for (Position other : List.of(a.position(p), b.position(p))) {
        assertThat(key(position)).as("%s and %s", a, b).isGreaterThanOrEqualTo(key(other));
      }
    }
  }

  /** Start, offset and rows as one number, for the small values of {@link #closeCursor}. */
  private static long key(Position position) {
    return (position.epoch() >> 16) * 100 + position.offset() * 10 + position.rows();
  }

  /** Cursors of one log whose positions often agree in part. */
  @Provide
  Arbitrary<Cursor> closeCursor() {
    Arbitrary<Long> few = Arbitraries.longs().between(0, 2);
    Arbitrary<Long> epochs = Combinators.combine(few, few).as((start, bits) -> start << 16 | bits);
    Arbitrary<Position> positions =
        Combinators.combine(epochs, few, few, Arbitraries.integers().between(0, 2))
            .as(Position::new);
    return positions.list().ofSize(2).map(list -> Cursor.of(1, list));
  }

  @Provide
  Arbitrary<Position> position() {
    Arbitrary<Long> counts = Arbitraries.longs().between(0, Long.MAX_VALUE);
    return Combinators.combine(
            Arbitraries.longs(), counts, counts, Arbitraries.integers().greaterOrEqual(0))
        .as(Position::new);
  }

  @Provide
  Arbitrary<List<Position>> positions() {
    return position().list().ofMinSize(1).ofMaxSize(64);
  }

  @Provide
  Arbitrary<List<Position>> fewPositions() {
    return position().list().ofMinSize(1).ofMaxSize(3);
  }
}
