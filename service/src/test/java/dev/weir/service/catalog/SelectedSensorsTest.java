package dev.weir.service.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.service.wire.names.Partitioner;
import dev.weir.v1.Kind;
import dev.weir.v1.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class SelectedSensorsTest {
  private final SensorCatalog catalog = new SensorCatalog(2, 100_000);

  private void add(int id, String name, String site) {
    catalog.add(new DefinedSensor(id, name, Kind.KIND_DOUBLE_VALUE, "", Map.of("site", site)));
  }

  private List<Integer> ids(Selector selector) {
    return ids(new SelectedSensors(catalog, selector));
  }

  private static List<Integer> ids(SelectedSensors set) {
    return IntStream.range(-2, 50_000).filter(set).boxed().toList();
  }

  @Test
  void namesGlobsAndLabels_selectTogether() {
    add(0, "a/x", "north");
    add(1, "a/y", "south");
    add(2, "b/x", "north");
    add(4, "b/y", "north");
    assertThat(ids(Selector.newBuilder().putLabels("site", "north").build()))
        .containsExactly(0, 2, 4);
    assertThat(ids(Selector.newBuilder().addNames("b/y").addNames("c").build())).containsExactly(4);
    assertThat(ids(Selector.newBuilder().addNames("b/y").addGlobs("*/x").build()))
        .containsExactly(0, 2, 4);
    assertThat(
            ids(
                Selector.newBuilder()
                    .addNames("a/y")
                    .addGlobs("b/*")
                    .putLabels("site", "north")
                    .build()))
        .containsExactly(2, 4);
    assertThat(ids(Selector.newBuilder().setAll(true).putLabels("floor", "1").build())).isEmpty();
  }

  @Test
  void namedSensor_isFoundWhenItAppears() {
    add(0, "old", "north");
    var set =
        new SelectedSensors(catalog, Selector.newBuilder().addNames("new").addNames("b").build());
    assertThat(ids(set)).isEmpty();
    add(1, "b", "north");
    add(2, "new", "north");
    assertThat(ids(set)).containsExactly(1, 2);
  }

  @Test
  void setThatSelectsNone_saysSoOnceItHasLooked() {
    var set = new SelectedSensors(catalog, Selector.newBuilder().addGlobs("new/*").build());
    assertThat(set.selectsNone()).as("there is no sensor").isFalse();
    assertThat(set.hasNew()).isFalse();
    add(1, "old", "north");
    assertThat(set.hasNew()).isTrue();
    assertThat(set.look()).isFalse();
    assertThat(set.hasNew()).isFalse();
    assertThat(set.selectsNone()).isTrue();
    add(2, "new/one", "north");
    assertThat(set.hasNew()).isTrue();
    assertThat(set.look()).isTrue();
    assertThat(set.selectsNone()).isFalse();
    add(4, "other", "north");
    assertThat(set.hasNew()).as("nobody needs to look: one is selected").isFalse();
  }

  @Test
  void partitionMayHaveASelectedSensor_unlessNamesAloneSelectAndAreOfOthers() {
    int its = Partitioner.partition("a", catalog.partitionCount());
    int other = 1 - its;
    Selector name = Selector.newBuilder().addNames("a").build();
    assertThat(new SelectedSensors(catalog, name).mayBeIn(its)).isTrue();
    assertThat(new SelectedSensors(catalog, name).mayBeIn(other)).isFalse();
    for (Selector more :
        List.of(
            name.toBuilder().addGlobs("b/*").build(),
            Selector.newBuilder().setAll(true).build(),
            Selector.newBuilder().putLabels("site", "north").build())) {
      assertThat(new SelectedSensors(catalog, more).mayBeIn(other)).as("%s", more).isTrue();
    }
    Selector labelled = name.toBuilder().putLabels("site", "north").build();
    assertThat(new SelectedSensors(catalog, labelled).mayBeIn(other)).isFalse();
  }

  @Test
  void lostSensors_matchOnlyWhereAllDo() {
    catalog.keep(40);
    add(42, "behind", "north");
    assertThat(ids(Selector.newBuilder().addGlobs("**").build())).containsExactly(42);
    var all = new SelectedSensors(catalog, Selector.newBuilder().setAll(true).build());
    assertThat(IntStream.of(0, 40, 42, 44)).allMatch(all::test);
    assertThat(all.test(-1)).isFalse();
  }

  @Test
  void distantSensors_haveTheirPages() {
    for (int id = 0; id < 40_000; id += 2) {
      add(id, "s/" + id, id % 4_096 == 0 ? "edge" : "north");
    }
    assertThat(ids(Selector.newBuilder().putLabels("site", "edge").build()))
        .containsExactly(0, 4_096, 8_192, 12_288, 16_384, 20_480, 24_576, 28_672, 32_768, 36_864);
    assertThat(ids(Selector.newBuilder().addGlobs("s/3999*").build()))
        .containsExactly(39_990, 39_992, 39_994, 39_996, 39_998);
  }

  @Test
  void globsWithPrefixes_selectWhatTheyMatch_whereverItIs() {
    var random = new Random(7);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 6_000; i++) {
      String line = i < 3_000 ? "line" + i / 300 : "l" + random.nextInt(20);
      names.add("plant/" + line + (i % 7 == 0 ? "" : "/s" + i));
    }
    var large = new SensorCatalog(2, 100_000);
    for (int id = 0; id < names.size(); id++) {
      if (large.byName(names.get(id)) == null) {
        large.add(new DefinedSensor(id, names.get(id), Kind.KIND_DOUBLE_VALUE, "", Map.of()));
      }
    }
    for (String glob : List.of("plant/line3/**", "plant/l1*/s*", "plant/line9*", "q/*", "pl*")) {
      Selector selector =
          Selector.newBuilder().addGlobs(glob).addGlobs("plant/line7/s23*").addNames("no").build();
      List<Integer> expected =
          IntStream.range(0, names.size())
              .filter(id -> large.byId(id) != null)
              .filter(id -> SelectorModel.selects(selector, names.get(id), Map.of()))
              .boxed()
              .toList();
      assertThat(ids(new SelectedSensors(large, selector))).as(glob).isEqualTo(expected);
    }
  }

  @Test
  void hundredGlobsOver200000Sensors_areCompiledInNoTime() {
    var large = new SensorCatalog(2, 1_000_000);
    for (int id = 0; id < 200_000; id++) {
      String name = "plant/line" + id % 50 + "/axbxcxdx" + id + "/temperature";
      large.add(new DefinedSensor(id, name, Kind.KIND_DOUBLE_VALUE, "", Map.of()));
    }
    var globs = Selector.newBuilder();
    for (int i = 0; i < 100; i++) {
      globs.addGlobs("**/a*b*c*d*x" + i + "/**");
    }
    Assertions.assertTimeout(
        Duration.ofSeconds(2),
        () -> {
          assertThat(ids(new SelectedSensors(large, globs.build()))).hasSize(100);
          assertThat(ids(new SelectedSensors(large, globs.addGlobs("none").build()))).hasSize(100);
        });
  }

  @Test
  void key_tellsTextsApart() {
    assertThat(SelectedSensors.key(Selector.newBuilder().addNames("a").addNames("b").build()))
        .isNotEqualTo(SelectedSensors.key(Selector.newBuilder().addNames("a1:b").build()))
        .isNotEqualTo(SelectedSensors.key(Selector.newBuilder().addNames("an1:b").build()))
        .isEqualTo(SelectedSensors.key(Selector.newBuilder().addNames("b").addNames("a").build()));
    assertThat(SelectedSensors.key(Selector.newBuilder().putLabels("a", "b").build()))
        .isNotEqualTo(SelectedSensors.key(Selector.newBuilder().putLabels("b", "a").build()));
    assertThat(SelectedSensors.key(Selector.newBuilder().setAll(true).putLabels("a", "b").build()))
        .isEqualTo(SelectedSensors.key(Selector.newBuilder().putLabels("a", "b").build()));
  }
}
