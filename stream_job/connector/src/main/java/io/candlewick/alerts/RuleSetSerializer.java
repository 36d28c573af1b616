package io.candlewick.alerts;

import io.candlewick.market.ValueSerializer;
import io.candlewick.market.ValueTypeInfo;
import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializes the whole set of rules on its way to every subtask. */
public final class RuleSetSerializer extends ValueSerializer<RuleSet> {

  private static final long serialVersionUID = 1L;
  private static final RuleSetSerializer INSTANCE = new RuleSetSerializer();

  static TypeInformation<RuleSet> typeInfo() {
    return new ValueTypeInfo<>(RuleSet.class, INSTANCE);
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public RuleSet copy(RuleSet from) {
    return from;
  }

  @Override
  public void serialize(RuleSet set, DataOutputView out) throws IOException {
    SymbolRulesSerializer.write(set.rules(), out);
  }

  @Override
  public RuleSet deserialize(DataInputView in) throws IOException {
    return new RuleSet(SymbolRulesSerializer.read(in));
  }

  @Override
  public TypeSerializerSnapshot<RuleSet> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Says that any version of this serializer reads what an earlier one wrote. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<RuleSet> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
