package dev.weir.service.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ByteStringTableTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Property(tries = 200)
  void table_agreesWithMaps(@ForAll long seed) {
    var random = new Random(seed);
    var table = new ByteStringTable(random.nextLong());
    Map<Integer, String> texts = new HashMap<>();
    Map<Integer, Integer> tags = new HashMap<>();
    int most = 1 << random.nextInt(13);
    int lengthMax = 1 << random.nextInt(8);
    for (int i = 0; i < most; i++) {
      String text = "x".repeat(random.nextInt(lengthMax)) + random.nextInt();
      if (random.nextInt(50) == 0) {
        table.keep(table.count() + random.nextInt(3));
      } else if (table.find(bytes(text)) < 0) {
        int number = table.count() + (random.nextInt(20) == 0 ? random.nextInt(2_000) : 0);
        int tag = random.nextInt() >>> random.nextInt(32);
        table.add(number, tag, bytes(text));
        texts.put(number, text);
        tags.put(number, tag);
      }
    }
    for (int number = 0; number < table.count() + 10; number++) {
      assertThat(table.has(number)).isEqualTo(texts.containsKey(number));
      if (table.has(number)) {
        assertThat(table.text(number)).isEqualTo(texts.get(number));
        assertThat(table.tag(number)).isEqualTo(tags.get(number));
        assertThat(table.find(bytes(texts.get(number)))).isEqualTo(number);
      }
      assertThat(table.find(bytes("none" + number))).isEqualTo(-1);
    }
  }

  @Test
  void table_takesLittleMoreThanItsBytes() {
    var table = new ByteStringTable(7);
    for (int i = 0; i < 100_000; i++) {
      table.add(i, 1, bytes(String.format("plant/line/s%08d", i)));
    }
    assertThat(table.heapBytes() / 100_000.0 - 20)
        .isBetween(8.0, ByteStringTable.ENTRY_BYTES + 0.0);
  }

  @Test
  void namesAreFoundByOneThread_whileAnotherAddsThem() throws InterruptedException {
    var table = new ByteStringTable(7);
    var wrong = new boolean[1];
    Thread reader =
        new Thread(
            () -> {
              for (int seen = 0; seen < 200_000; seen = table.count()) {
                for (int number = Math.max(0, seen - 50); number < seen - 1; number++) {
                  wrong[0] |= table.find(bytes("name" + number)) != number;
                }
              }
            });
    reader.start();
    for (int i = 0; i < 200_000; i++) {
      table.add(i, 1, bytes("name" + i));
    }
    reader.join();
    assertThat(wrong[0]).isFalse();
  }
}
