package dev.weir.service.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.service.core.Slice;
import dev.weir.service.core.cursor.Cursor;
import dev.weir.service.core.cursor.Position;
import dev.weir.v1.Durability;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The events of the system partition: a durable form. */
class SystemEventCodecTest {
  private static final TopicInfo TOPIC =
      new TopicInfo(
          "t",
          7,
          new TopicSettings(64, Durability.DURABILITY_MEMORY, 5, 9, Map.of("ü", "läbel")),
          99,
          100,
          "request");

  private static final Cursor CURSOR = Cursor.of(7, List.of(new Position(1, 2, 3, 4)));

  private static final List<SystemEvent> EVENTS =
      List.of(
          new SystemEvent.TopicStored(TOPIC),
          new SystemEvent.TopicDeleted(7),
          new SystemEvent.TopicPurged(8),
          new SystemEvent.CursorCommitted("n", CURSOR, 11),
          new SystemEvent.CursorDeleted(7, "n"));

  @Test
  void everyEvent_isReadAsItWasWritten() throws IOException {
    assertThat(SystemEventCodec.read(SystemEventCodec.write(EVENTS))).isEqualTo(EVENTS);
    assertThat(SystemEventCodec.read(Slice.EMPTY)).isEmpty();
  }

  @Test
  void bytes_areAsDocumented() {
    assertThat(hex(SystemEventCodec.write(EVENTS)))
        .isEqualTo(
            "02 000174 0000000000000007 40 04 0000000000000063 0000000000000064"
                .concat(" 0007 72657175657374 0000000000000005 0000000000000009")
                .concat(" 0001 0002c3bc 0006 6cc3a462656c")
                .concat(" 03 0000000000000007 04 0000000000000008")
                .concat(" 05 00016e 0022" + text(CURSOR) + " 000000000000000b")
                .concat(" 06 0000000000000007 00016e")
                .replace(" ", ""));
  }

  private static String text(Cursor cursor) {
    return HexFormat.of().formatHex(cursor.text().getBytes(StandardCharsets.UTF_8));
  }

  private static String hex(Slice bytes) {
    return HexFormat.of().formatHex(bytes.array(), bytes.offset(), bytes.end());
  }

  @Test
  void topicOfTheFirstVersion_isStillRead() throws IOException {
    String event = "01 000174 0000000000000007 02 01 0000000000000063 000172 0001 000161 000162";
    byte[] bytes = HexFormat.of().parseHex(event.replace(" ", ""));
    assertThat(SystemEventCodec.read(Slice.of(bytes)))
        .containsExactly(
            new SystemEvent.TopicStored(
                TopicInfo.created("t", 7, TopicSettings.synced(2, Map.of("a", "b")), 99, "r")));
  }

  @Test
  void eventsOfANewerServer_areNotPassedOver() {
    Slice events = SystemEventCodec.write(EVENTS);
    byte[] otherDurability = Arrays.copyOfRange(events.array(), events.offset(), events.end());
    otherDurability[1 + 3 + 8 + 1] = 9;
    for (byte[] bytes : List.of(new byte[] {9}, otherDurability)) {
      assertThatThrownBy(() -> SystemEventCodec.read(Slice.of(bytes)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("newer Weir");
    }
    assertThatThrownBy(() -> SystemEventCodec.read(Slice.of(new byte[] {1, 0, 4, 't'})))
        .as("cut off")
        .isInstanceOf(IOException.class);
  }
}
