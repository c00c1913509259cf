package dev.weir.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvReaderTest {
  @Test
  void plainRows_areFields() throws IOException {
    assertThat(rows("a,b\n1,2\n3,4")).containsExactly(row("a", "b"), row("1", "2"), row("3", "4"));
  }

  @Test
  void quotedFields_mayHoldCommasQuotesAndLineEnds() throws IOException {
    assertThat(rows("\"a,b\",\"say \"\"hi\"\"\",\"one\r\ntwo\"\r\nx,,\"\"\r\n"))
        .containsExactly(row("a,b", "say \"hi\"", "one\r\ntwo"), row("x", "", ""));
  }

  @Test
  void byteOrderMarkAndEmptyLines_areSkipped() throws IOException {
    assertThat(rows("\ufeffa,b\r\n\r\n\n1,2\n\n")).containsExactly(row("a", "b"), row("1", "2"));
  }

  @Test
  void lineNumbers_countLineEndsInsideQuotes() throws IOException {
    CsvReader csv = reader("a\n\"1\n2\"\n\nb\n");
    List<Long> lines = new ArrayList<>();
    while (csv.next() != null) {
      lines.add(csv.line());
    }
    assertThat(lines).containsExactly(1L, 2L, 5L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\na\"b\n",
        "x\n\"a\"b\n",
        "x\n\"a\n",
        "x\na\rb\n",
        "x\n\"a\" ,b\n",
        "x\n\"a\"\rb\n",
        "x\n\"a\nb"
      })
  void textThatIsNotCsv_isRefusedWithItsLine(String text) {
    assertThatThrownBy(() -> rows(text))
        .isInstanceOf(CsvException.class)
        .hasMessageStartingWith("line 2: ");
  }

  @Test
  void lastRow_mayEndWithoutALineEnd() throws IOException {
    assertThat(rows("a,b\r")).containsExactly(row("a", "b"));
    assertThat(rows("a,")).containsExactly(row("a", ""));
    assertThat(rows("\"a\"")).containsExactly(row("a"));
    assertThat(rows("\n\r\n")).isEmpty();
  }

  @Test
  void bytesThatAreNotUtf8_areRefused() {
    byte[] latin = "a\n\u00e9\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> read(new CsvReader(new ByteArrayInputStream(latin))))
        .isInstanceOf(CsvException.class)
        .hasMessageContaining("UTF-8");
  }

  @Test
  void missingQuoteOrEndlessRow_endsAtTheBound() {
    String endless = ",".repeat(CsvRowText.ROW_CHARS_MAX + 1);
    assertThatThrownBy(() -> rows("\"" + endless)).hasMessageContaining("missing?");
    assertThatThrownBy(() -> rows(endless)).hasMessageContaining("missing?");
  }

  @Test
  void row_isGivenAsSoonAsItsLineHasArrived() throws IOException {
    try (PipedOutputStream out = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(out)) {
      CsvReader csv = new CsvReader(in);
      out.write("1,2\n".getBytes(StandardCharsets.UTF_8));
      out.flush();
      assertThat(csv.next()).containsExactly("1", "2");
    }
  }

  private static List<String> row(String... fields) {
    return List.of(fields);
  }

  private static CsvReader reader(String text) {
    return new CsvReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<List<String>> rows(String text) throws IOException {
    return read(reader(text));
  }

  private static List<List<String>> read(CsvReader csv) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    for (List<String> row = csv.next(); row != null; row = csv.next()) {
      rows.add(row);
    }
    return rows;
  }
}
