package interop;

import java.io.IOException;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.util.backoff.FixedBackOff;

/** Retries in place and a dead-letter topic, without retry topics. */
@Configuration
class InPlace {

	private final Wire wire;

	InPlace(Wire wire) {
		this.wire = wire;
	}

	@Bean
	static ConcurrentKafkaListenerContainerFactory<String, String> threeTries(ConsumerFactory<String, String> consumers,
			KafkaTemplate<String, String> template) {
		var factory = new ConcurrentKafkaListenerContainerFactory<String, String>();
		factory.setConsumerFactory(consumers);
		factory.setAutoStartup(false);
		factory.setCommonErrorHandler(
				new DefaultErrorHandler(new DeadLetterPublishingRecoverer(template), new FixedBackOff(50, 2)));
		return factory;
	}

	@KafkaListener(topics = "in-place.spring", groupId = "in-place.spring.group", containerFactory = "threeTries")
	void on(ConsumerRecord<String, String> record) {
		throw new IllegalStateException("boom", new IOException("disk full"));
	}

	/** Dead letters of a listener of ours. */
	@KafkaListener(topics = "in-place.ours-dlt", groupId = "in-place.ours-dlt.group")
	void dead(ConsumerRecord<String, String> record) {
		Letter.tell(this.wire, record, record.value());
	}

}
