package dev.weir.service.app.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameCounterTest {
  private static final int MOST = 10;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int PADDED = 8;

  private long now;
  private final FrameCounter frames =
      new FrameCounter(MOST, TimeUnit.SECONDS.toNanos(1), () -> now);

  private static ByteBuf preface() {
    return Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII);
  }

  private static ByteBuf frame(int type, int flags, int length) {
    ByteBuf frame = Unpooled.buffer();
    frame.writeMedium(length).writeByte(type).writeByte(flags).writeInt(1).writeZero(length);
    return frame;
  }

  private int taken(int type, int flags, int length, int tries) {
    for (int i = 0; i < tries; i++) {
      if (!frames.takes(frame(type, flags, length))) {
        return i;
      }
    }
    return tries;
  }

  @ParameterizedTest(name = "type {0}, flags {1}, {2} bytes")
  @CsvSource({
    "2, 0, 5", // PRIORITY
    "4, 0, 0", // SETTINGS
    "4, 1, 0", // and its acknowledgement
    "5, 0, 4", // PUSH_PROMISE
    "6, 1, 8", // PING, acknowledged
    "7, 0, 8", // GOAWAY
    "8, 0, 4", // WINDOW_UPDATE
    "9, 0, 0", // CONTINUATION
    "0, 0, 0", // DATA without any
    "0, 8, 1", // DATA that is padding
    "77, 0, 3", // unknown
  })
  void framesWithoutContent_areCounted(int type, int flags, int length) {
    frames.takes(preface());
    assertThat(taken(type, flags, length, 100)).isEqualTo(MOST);
  }

  @ParameterizedTest(name = "type {0}, flags {1}, {2} bytes")
  @CsvSource({
    "0, 0, 1", // DATA
    "0, 1, 0", // the end of a call
    "0, 8, 1000", // DATA with some padding
    "1, 4, 30", // HEADERS
    "3, 0, 4", // RST_STREAM, which the library counts
  })
  void framesOfCalls_areNot(int type, int flags, int length) {
    frames.takes(preface());
    assertThat(taken(type, flags, length, 1_000)).isEqualTo(1_000);
  }

  @Test
  void countBeginsAgain_withEveryWindow() {
    frames.takes(preface());
    for (int i = 0; i < 5; i++) {
      assertThat(taken(SETTINGS, 0, 0, MOST)).isEqualTo(MOST);
      now += TimeUnit.SECONDS.toNanos(1);
    }
  }

  @Test
  void twoAnswersToEachFrame_areFree() {
    frames.takes(preface());
    for (int i = 0; i < 1_000; i++) {
      frames.sent();
      assertThat(taken(WINDOW_UPDATE, 0, 4, 1)).isOne();
      assertThat(taken(PING, 0, 8, 1)).isOne();
      frames.sent(); // the answer to the ping
    }
  }

  @Test
  void answersThatCrossTheEndOfAWindow_areFreeToo() {
    frames.takes(preface());
    taken(WINDOW_UPDATE, 0, 4, 1);
    for (int i = 0; i < 500; i++) {
      frames.sent();
    }
    now += TimeUnit.SECONDS.toNanos(1);
    assertThat(taken(WINDOW_UPDATE, 0, 4, 1_000)).isEqualTo(1_000);
  }

  @Test
  void whatSettingsAndPingsMakeTheServerSend_paysForNoAnswers() {
    frames.takes(preface());
    for (int i = 0; i < MOST - 1; i++) {
      taken(SETTINGS, 0, 0, 1);
      frames.sent();
    }
    assertThat(taken(WINDOW_UPDATE, 0, 4, 100)).isEqualTo(MOST);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 10, 1_000})
  void whereReadsBegin_changesNothing(int bytes) {
    ByteBuf all = Unpooled.buffer();
    all.writeBytes(preface());
    for (int i = 0; i < MOST; i++) {
      all.writeBytes(frame(SETTINGS, 0, 18));
      all.writeBytes(frame(DATA, 0, 300));
      all.writeBytes(frame(HEADERS, END_HEADERS, 20));
    }
    while (all.isReadable()) {
      ByteBuf part = all.readSlice(Math.min(bytes, all.readableBytes()));
      int before = part.readableBytes();
      assertThat(frames.takes(part)).isTrue();
      assertThat(part.readableBytes()).as("bytes are left as they are").isEqualTo(before);
    }
    assertThat(frames.openBlock()).isZero();
    assertThat(frames.takes(frame(SETTINGS, 0, 0))).isFalse();
  }

  @Test
  void whatIsNotHttp2_isTheLibrarysToRefuse() {
    for (int i = 0; i < 100; i++) {
      assertThat(
              frames.takes(
                  Unpooled.copiedBuffer("GET / HTTP/1.1\r\n\r\n", StandardCharsets.US_ASCII)))
          .isTrue();
    }
  }

  @Test
  void headers_areOpenUntilTheirLastFrameHasArrived() {
    frames.takes(preface());
    assertThat(frames.openBlock()).isZero();
    frames.takes(frame(HEADERS, END_STREAM, 10));
    assertThat(frames.openBlock()).isOne();
    ByteBuf last = frame(CONTINUATION, END_HEADERS, 10);
    frames.takes(last.readSlice(12));
    assertThat(frames.openBlock()).isOne();
    frames.takes(last);
    assertThat(frames.openBlock()).isZero();
    frames.takes(frame(HEADERS, END_HEADERS | PADDED, 10));
    assertThat(frames.openBlock()).isZero();
  }
}
