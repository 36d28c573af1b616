package io.candlewick.alerts;

import io.candlewick.market.ValueSerializer;
import io.candlewick.market.ValueTypeInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializes the rules of a symbol, and by the same form the whole set that is broadcast. */
public final class SymbolRulesSerializer extends ValueSerializer<SymbolRules> {

  private static final long serialVersionUID = 1L;
  private static final int VERSION = 1;
  private static final SymbolRulesSerializer INSTANCE = new SymbolRulesSerializer();

  static TypeInformation<SymbolRules> typeInfo() {
    return new ValueTypeInfo<>(SymbolRules.class, INSTANCE);
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public SymbolRules copy(SymbolRules from) {
    return from;
  }

  @Override
  public void serialize(SymbolRules rules, DataOutputView out) throws IOException {
    write(rules.rules, out);
  }

  @Override
  public SymbolRules deserialize(DataInputView in) throws IOException {
    return new SymbolRules(read(in));
  }

  static void write(List<AlertRule> rules, DataOutputView out) throws IOException {
    out.writeByte(VERSION);
    out.writeInt(rules.size());
    for (AlertRule rule : rules) {
      rule.write(out);
    }
  }

  static List<AlertRule> read(DataInputView in) throws IOException {
    readVersion(in, VERSION, "A list of alert rules");
    int size = in.readInt();
    List<AlertRule> rules = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      rules.add(AlertRule.read(in));
    }
    return rules;
  }

  @Override
  public TypeSerializerSnapshot<SymbolRules> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Says that any version of this serializer reads what an earlier one wrote. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<SymbolRules> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
