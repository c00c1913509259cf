package dev.weir.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.weir.v1.Reading;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  private static final String BEGIN =
      "{\"topic\":\"t\",\"sensor\":\"a/\\\"b\\\"\",\"time\":\"2023-11-14T22:13:20.000000007Z\",\"value\":";
  private static final String END = ",\"cursor\":\"c\"}";

  @Test
  void texts_areEscaped() {
    String text = "\"\\\n\r\t\b\f\u0000\u007f\u2028\u2029 \u00e9 \ud83d\ude00";
    assertThat(new JsonLine().put("k", text).end())
        .isEqualTo(
            "{\"k\":\"\\\"\\\\\\n\\r\\t\\u0008\\u000c\\u0000\\u007f\\u2028\\u2029"
                + " \u00e9 \ud83d\ude00\"}");
  }

  @Test
  void numbersAndFlags_areBare() {
    assertThat(new JsonLine().put("a", 1).put("b", 2.5).put("c", true).put("d", -0.0).end())
        .isEqualTo("{\"a\":1,\"b\":2.5,\"c\":true,\"d\":-0.0}");
  }

  @Test
  void listsAndObjectsOfTexts_areNestedAndSorted() {
    assertThat(
            new JsonLine()
                .put("none", List.of())
                .put("two", List.of("x\"", "y"))
                .put("empty", Map.of())
                .put("labels", Map.of("b", "2", "a", "1"))
                .end())
        .isEqualTo(
            "{\"none\":[],\"two\":[\"x\\\"\",\"y\"],\"empty\":{},"
                + "\"labels\":{\"a\":\"1\",\"b\":\"2\"}}");
  }

  @Test
  void lastValue_hasItsUnitAndNoCursor() {
    assertThat(ReadingJson.lastValue("t", reading().setDouble(1.5).build(), "Cel"))
        .isEqualTo(BEGIN + "1.5,\"unit\":\"Cel\"}");
  }

  @Test
  void readingOfEachKind_isOneObject() {
    assertThat(line(reading().setDouble(1e-7))).isEqualTo(BEGIN + "1.0E-7" + END);
    assertThat(line(reading().setDouble(Double.NaN))).isEqualTo(BEGIN + "\"NaN\"" + END);
    assertThat(line(reading().setDouble(Double.NEGATIVE_INFINITY)))
        .isEqualTo(BEGIN + "\"-Infinity\"" + END);
    assertThat(line(reading().setInteger(Long.MIN_VALUE)))
        .isEqualTo(BEGIN + "-9223372036854775808" + END);
    assertThat(line(reading().setBoolean(true))).isEqualTo(BEGIN + "true" + END);
    assertThat(line(reading().setText("x\ny"))).isEqualTo(BEGIN + "\"x\\ny\"" + END);
    assertThat(line(reading().setBlob(ByteString.copyFrom(new byte[] {-1, 0}))))
        .isEqualTo(BEGIN + "\"/wA=\"" + END);
  }

  private static Reading.Builder reading() {
    return Reading.newBuilder()
        .setSensor("a/\"b\"")
        .setTime(Timestamp.newBuilder().setSeconds(1_700_000_000L).setNanos(7))
        .setCursor("c");
  }

  private static String line(Reading.Builder reading) {
    return ReadingJson.line("t", reading.build());
  }
}
