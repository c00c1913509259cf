package dev.weir.service.core.cursor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class CursorTest {
  private static final Position BEGIN = new Position(0x1_beefL, 0, 0, 0);
  private static final Position MIDDLE = new Position(0x2_0001L, 300, 70_000, 5);
  private static final Position LARGEST =
      new Position(-1, Long.MAX_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE);

  @Test
  void format_isDurable() {
    assertThat(Cursor.of(0x0123456789abcdefL, List.of(BEGIN)).text())
        .isEqualTo("AQEjRWeJq83vAQAAAAAAAb7vAAAAOI7ZmQ");
    assertThat(Cursor.of(-2, List.of(MIDDLE, BEGIN)).text())
        .isEqualTo("Af_________-AgAAAAAAAgABrALwogQFAAAAAAABvu8AAAC7h3JN");
  }

  @Test
  void parse_readsWhatEarlierVersionsWrote() {
    Cursor cursor =
        Cursor.parse("Af_________-AgAAAAAAAgABrALwogQFAAAAAAABvu8AAAC7h3JN").orElseThrow();
    assertThat(cursor.logId()).isEqualTo(-2);
    assertThat(cursor.positions()).containsExactly(MIDDLE, BEGIN);
    assertThat(cursor.position(0)).isEqualTo(MIDDLE);
    assertThat(cursor.partitions()).isEqualTo(2);
  }

  @Test
  void textWith_isTheTextOfWith() {
    Cursor cursor = Cursor.of(7, List.of(BEGIN, MIDDLE, BEGIN));
    Cursor moved = cursor.with(1, LARGEST);
    assertThat(moved.positions()).containsExactly(BEGIN, LARGEST, BEGIN);
    assertThat(cursor.textWith(1, LARGEST)).isEqualTo(moved.text());
    assertThat(moved.with(1, MIDDLE)).isEqualTo(cursor).hasSameHashCodeAs(cursor);
    assertThat(cursor.positions()).containsExactly(BEGIN, MIDDLE, BEGIN);
  }

  @Test
  void longestCursor_isWithinTheBoundOfParse() {
    Cursor cursor = Cursor.of(-1, Collections.nCopies(Cursor.PARTITIONS_MAX, LARGEST));
    assertThat(cursor.text()).hasSizeLessThanOrEqualTo(Cursor.TEXT_LENGTH_MAX);
    assertThat(Cursor.parse(cursor.text())).contains(cursor);
  }

  @Test
  void textThatIsNoCursor_isEmptyAndNeverThrows() {
    String text = Cursor.of(7, List.of(BEGIN)).text();
    assertThat(Cursor.parse("")).isEmpty();
    assertThat(Cursor.parse("latest")).isEmpty();
    assertThat(Cursor.parse(text + "=")).isEmpty();
    assertThat(Cursor.parse(" " + text)).isEmpty();
    assertThat(Cursor.parse(text + text)).isEmpty();
    assertThat(Cursor.parse("A".repeat(Cursor.TEXT_LENGTH_MAX + 1))).isEmpty();
    assertThat(Cursor.parse("\u00e9\ud800")).isEmpty();
  }

  @Test
  void partitionsOutOfBounds_areRefused() {
    assertThatThrownBy(() -> Cursor.of(1, List.of())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Cursor.of(1, Collections.nCopies(65, BEGIN)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void negativePosition_isRefused() {
    assertThatThrownBy(() -> new Position(1, -1, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Position(1, 0, -1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Position(1, 0, 0, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
