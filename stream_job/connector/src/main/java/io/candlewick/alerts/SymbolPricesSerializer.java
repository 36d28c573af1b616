package io.candlewick.alerts;

import io.candlewick.market.ValueSerializer;
import io.candlewick.market.ValueTypeInfo;
import io.candlewick.market.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serializes the state of a symbol with rules on events. A field is added by raising the version
 * and reading it only from that version on; what older checkpoints hold stays readable.
 */
public final class SymbolPricesSerializer extends ValueSerializer<SymbolPrices> {

  private static final long serialVersionUID = 1L;
  private static final int VERSION = 1;
  private static final SymbolPricesSerializer INSTANCE = new SymbolPricesSerializer();

  static TypeInformation<SymbolPrices> typeInfo() {
    return new ValueTypeInfo<>(SymbolPrices.class, INSTANCE);
  }

  @Override
  public SymbolPrices copy(SymbolPrices from) {
    return from.copy();
  }

  @Override
  public void serialize(SymbolPrices prices, DataOutputView out) throws IOException {
    out.writeByte(VERSION);
    prices.memories.write(out);
    out.writeInt(prices.waiting.size());
    for (SymbolPrices.Waiting price : prices.waiting) {
      out.writeLong(price.timeMicros());
      out.writeLong(price.sequence());
      Wire.writeDecimal(price.price(), out);
    }
    out.writeLong(prices.decidedBeforeMicros);
    out.writeLong(prices.newestMicros);
    out.writeLong(prices.sessionEndMicros);
    out.writeLong(prices.arrivedAtMillis);
    out.writeLong(prices.decisionPlannedMillis);
    out.writeLong(prices.silencePlannedMillis);
    out.writeLong(prices.clockPlannedMillis);
  }

  @Override
  public SymbolPrices deserialize(DataInputView in) throws IOException {
    readVersion(in, VERSION, "The alerts' state of a symbol");
    Memories memories = Memories.read(in);
    int size = in.readInt();
    List<SymbolPrices.Waiting> waiting = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      waiting.add(new SymbolPrices.Waiting(in.readLong(), in.readLong(), Wire.readDecimal(in)));
    }
    SymbolPrices prices = new SymbolPrices(memories, waiting);
    prices.decidedBeforeMicros = in.readLong();
    prices.newestMicros = in.readLong();
    prices.sessionEndMicros = in.readLong();
    prices.arrivedAtMillis = in.readLong();
    prices.decisionPlannedMillis = in.readLong();
    prices.silencePlannedMillis = in.readLong();
    prices.clockPlannedMillis = in.readLong();
    return prices;
  }

  @Override
  public TypeSerializerSnapshot<SymbolPrices> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Says that any version of this serializer reads what an earlier one wrote. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<SymbolPrices> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
