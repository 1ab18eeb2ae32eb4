import { TwentySDK } from 'twenty-sdk';

const client = new TwentySDK({
  baseUrl: 'https://api.twenty.com',
  apiKey: 'sk_live_abc123...'
});

// Create person
const person = await client.people.create({
  name: { firstName: 'John', lastName: 'Doe' },
  email: 'john@example.com'
});

// List people
const people = await client.people.list({
  first: 10,
  filter: { email: { ilike: '%@example.com' } }
});

// Update person
await client.people.update('person-id', {
  phone: '+1234567890'
});

// Delete person
await client.people.delete('person-id');

console.log(JSON.stringify({ person, people, total: people.totalCount }));
