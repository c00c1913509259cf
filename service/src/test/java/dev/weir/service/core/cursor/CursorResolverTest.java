package dev.weir.service.core.cursor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.core.cursor.LogRange.Start;
import dev.weir.service.core.cursor.ResolvedPosition.At;
import dev.weir.service.core.cursor.ResolvedPosition.Expired;
import dev.weir.service.core.cursor.ResolvedPosition.Invalid;
import dev.weir.service.core.cursor.ResolvedPosition.Lost;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Rule 4 of SubscribeService: expired, invalid, past the end of its epoch. One reading a record.
 */
class CursorResolverTest {
  private static final long E1 = epoch(1);
  private static final long E2 = epoch(2);
  private static final long E4 = epoch(4);
  private static final long E5 = epoch(5);

  /** Records 0–9 in epoch 1, 10–19 in epoch 2, 20–29 in epoch 4; epoch 5 has none yet. */
  private static final LogRange LOG =
      new LogRange(
          List.of(new Start(E1, 0, 0), new Start(E2, 10, 10), new Start(E4, 20, 20)),
          E5,
          5,
          5,
          30,
          30);

  @Test
  void recordOfItsEpoch_isThere() {
    assertAt(at(E1, 5));
    assertAt(at(E1, 9));
    assertAt(new Position(E2, 12, 12, 1));
    assertAt(at(E4, 29));
  }

  @Test
  void endOfAnEpoch_isTheBeginningOfTheNext() {
    assertAt(at(E1, 10));
    assertAt(at(E2, 20));
    assertAt(at(E4, 30));
    assertAt(at(E5, 30));
  }

  @Test
  void pastTheEndOfItsEpoch_isLost() {
    assertThat(resolve(at(E1, 13))).isEqualTo(new Lost(at(E1, 13), at(E2, 10), 3));
    assertThat(resolve(at(E2, 29))).isEqualTo(new Lost(at(E2, 29), at(E4, 20), 9));
    assertThat(resolve(at(E4, 31))).isEqualTo(new Lost(at(E4, 31), at(E5, 30), 1));
  }

  @Test
  void rowsOfALostRecord_areLost() {
    Position begun = new Position(E1, 10, 10, 4);
    assertThat(resolve(begun)).isEqualTo(new Lost(begun, at(E2, 10), 4));
  }

  @Test
  void epochWithoutRecords_isKnownByItsNumber() {
    long e3 = epoch(3);
    assertAt(at(e3, 20));
    assertAt(at(e3, 15));
    assertThat(resolve(at(e3, 21))).isEqualTo(new Lost(at(e3, 21), at(E4, 20), 1));
  }

  @Test
  void positionOfTheFuture_isInvalid() {
    assertThat(resolve(at(E5, 31))).isInstanceOf(Invalid.class);
    assertThat(resolve(new Position(E5, 30, 30, 1))).isInstanceOf(Invalid.class);
    assertThat(resolve(at(epoch(6), 10))).isInstanceOf(Invalid.class);
    assertThat(resolve(at(-1, 10))).isInstanceOf(Invalid.class);
  }

  @Test
  void epochOfAnotherHistory_isInvalid() {
    assertThat(resolve(at(E2 + 1, 12))).isInstanceOf(Invalid.class);
    assertThat(resolve(at(E5 - 1, 30))).isInstanceOf(Invalid.class);
  }

  @Test
  void countThatTheLogNeverReached_isInvalid() {
    assertThat(resolve(new Position(E4, 25, 31, 0))).isInstanceOf(Invalid.class);
    assertThat(resolve(new Position(E4, 25, 28, 3))).isInstanceOf(Invalid.class);
    assertThat(resolve(new Position(E4, 25, 4, 0))).isInstanceOf(Invalid.class);
  }

  @Test
  void beforeTheOldestRecord_isExpired() {
    assertThat(resolve(at(E1, 2))).isEqualTo(new Expired(at(E1, 2), at(E1, 5), 3));
    assertThat(resolve(at(0, 0))).isEqualTo(new Expired(at(0, 0), at(E1, 5), 5));
  }

  @Test
  void lostIntoWhatIsGoneToo_isExpired() {
    LogRange later = new LogRange(LOG.epochs(), E5, 15, 15, 30, 30);
    assertThat(CursorResolver.resolve(at(E1, 18), later))
        .isEqualTo(new Expired(at(E2, 10), at(E2, 15), 5));
  }

  @Test
  void emptyLog_hasItsBeginningOnly() {
    LogRange empty = new LogRange(List.of(), E1, 0, 0, 0, 0);
    assertThat(empty.earliest()).isEqualTo(at(E1, 0)).isEqualTo(empty.latest());
    assertThat(CursorResolver.resolve(at(E1, 0), empty)).isInstanceOf(At.class);
    assertThat(CursorResolver.resolve(at(E1, 1), empty)).isInstanceOf(Invalid.class);
  }

  @Test
  void positionsOfTheLog_nameTheEpochThatStoredTheRecord() {
    assertThat(LOG.earliest()).isEqualTo(at(E1, 5));
    assertThat(LOG.at(10, 10)).isEqualTo(at(E2, 10));
    assertThat(LOG.at(29, 29)).isEqualTo(at(E4, 29));
    assertThat(LOG.latest()).isEqualTo(at(E5, 30));
  }

  private static void assertAt(Position position) {
    assertThat(resolve(position)).isEqualTo(new At(position));
  }

  private static ResolvedPosition resolve(Position position) {
    return CursorResolver.resolve(position, LOG);
  }

  private static Position at(long epoch, long offset) {
    return new Position(epoch, offset, offset, 0);
  }

  private static long epoch(long number) {
    return (number << 16) | 0x1234;
  }

  @Test
  void logInMemory_holdsNothingOfEarlierStarts() {
    LogRange memory = new LogRange(List.of(new LogRange.Start(E5, 0, 0)), E5, 3, 30, 9, 90, true);
    Position ofBefore = new Position(E1, 4, 40, 0);
    assertThat(CursorResolver.resolve(ofBefore, memory))
        .isEqualTo(new ResolvedPosition.Expired(ofBefore, memory.earliest(), 30));
    Position far = new Position(E1, 400, 4_000, 0);
    assertThat(CursorResolver.resolve(far, memory))
        .as("also one past the end of this start")
        .isEqualTo(new ResolvedPosition.Expired(far, memory.earliest(), 30));
    Position here = new Position(E5, 4, 40, 0);
    assertThat(CursorResolver.resolve(here, memory)).isEqualTo(new ResolvedPosition.At(here));
    Position dropped = new Position(E5, 1, 10, 2);
    assertThat(CursorResolver.resolve(dropped, memory))
        .isEqualTo(new ResolvedPosition.Expired(dropped, memory.earliest(), 18));
    assertThat(CursorResolver.resolve(new Position(E5, 10, 91, 0), memory))
        .isInstanceOf(ResolvedPosition.Invalid.class);
  }
}
