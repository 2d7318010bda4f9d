package interop;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/** Members of groups that have other members on the Rust side, one for each way to share out partitions. */
@Component
class Members {

	private static final String STRATEGY = "partition.assignment.strategy=org.apache.kafka.clients.consumer.";

	private final Wire wire;

	Members(Wire wire) {
		this.wire = wire;
	}

	@KafkaListener(topics = "members.default", groupId = "members.default.group")
	void byDefault(ConsumerRecord<String, String> record) {
		tell(record);
	}

	@KafkaListener(topics = "members.range", groupId = "members.range.group",
			properties = STRATEGY + "RangeAssignor")
	void range(ConsumerRecord<String, String> record) {
		tell(record);
	}

	@KafkaListener(topics = "members.cooperative", groupId = "members.cooperative.group",
			properties = STRATEGY + "CooperativeStickyAssignor")
	void cooperative(ConsumerRecord<String, String> record) {
		tell(record);
	}


	private void tell(ConsumerRecord<String, String> record) {
		this.wire.tell("delivered", "topic", record.topic(), "partition", record.partition(), "value", record.value());
	}

}
