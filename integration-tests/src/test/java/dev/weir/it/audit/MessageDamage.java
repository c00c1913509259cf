package dev.weir.it.audit;

import dev.weir.v1.Batch;
import dev.weir.v1.Columns;
import dev.weir.v1.Delivery;
import dev.weir.v1.Gap;
import dev.weir.v1.Reading;
import dev.weir.v1.SubscribeResponse;
import java.util.ArrayList;
import java.util.List;

/** The ways to damage one message of a recorded stream, each of which an audit must report. */
enum MessageDamage {
  DELIVERY_REMOVED {
    @Override
    List<SubscribeResponse> of(SubscribeResponse said) {
      return List.of();
    }
  },
  DELIVERY_REPEATED {
    @Override
    List<SubscribeResponse> of(SubscribeResponse said) {
      return List.of(said, said);
    }
  },
  READINGS_SWAPPED {
    @Override
    List<SubscribeResponse> of(SubscribeResponse said) {
      return List.of(said.toBuilder().setDelivery(swapped(said.getDelivery())).build());
    }
  },
  GAP_REMOVED {
    @Override
    List<SubscribeResponse> of(SubscribeResponse said) {
      return List.of();
    }
  },
  GAP_DOUBLED {
    @Override
    List<SubscribeResponse> of(SubscribeResponse said) {
      return List.of(said, said);
    }
  },
  GAP_ONE_TOO_MANY {
    @Override
    List<SubscribeResponse> of(SubscribeResponse said) {
      return List.of(counted(said, +1));
    }
  },
  GAP_ONE_TOO_FEW {
    @Override
    List<SubscribeResponse> of(SubscribeResponse said) {
      return List.of(counted(said, -1));
    }
  };

  /** Returns the messages that replace a message that it fits. */
  abstract List<SubscribeResponse> of(SubscribeResponse said);

  /** Returns whether a message can have this damage. */
  boolean fits(SubscribeResponse said) {
    if (name().startsWith("GAP")) {
      return said.hasGap();
    }
    return this == READINGS_SWAPPED
        ? said.getDelivery().getChargedReadings() > 1
        : said.hasDelivery();
  }

  /** The stream with this damage in one of its messages. */
  List<SubscribeResponse> inflict(List<SubscribeResponse> stream, int index) {
    List<SubscribeResponse> damaged = new ArrayList<>(stream.subList(0, index));
    damaged.addAll(of(stream.get(index)));
    damaged.addAll(stream.subList(index + 1, stream.size()));
    return damaged;
  }

  private static SubscribeResponse counted(SubscribeResponse said, int more) {
    Gap gap = said.getGap();
    return said.toBuilder().setGap(gap.toBuilder().setReadings(gap.getReadings() + more)).build();
  }

  /** The first and the last value change places; with cursors that is their order in the log. */
  private static Delivery swapped(Delivery delivery) {
    Delivery.Builder swapped = delivery.toBuilder();
    if (delivery.getReadingsCount() > 0) {
      int last = delivery.getReadingsCount() - 1;
      Reading first = delivery.getReadings(0);
      swapped.getReadingsBuilder(0).setDouble(delivery.getReadings(last).getDouble());
      swapped.getReadingsBuilder(last).setDouble(first.getDouble());
      return swapped.build();
    }
    Batch batch = delivery.getBatches(0);
    Columns first = batch.getColumns(0);
    Columns last = batch.getColumns(batch.getColumnsCount() - 1);
    int end = last.getCount() - 1;
    Batch.Builder other = swapped.getBatchesBuilder(0);
    other.getColumnsBuilder(0).setDoubles(0, last.getDoubles(end));
    other.getColumnsBuilder(batch.getColumnsCount() - 1).setDoubles(end, first.getDoubles(0));
    return swapped.build();
  }
}
