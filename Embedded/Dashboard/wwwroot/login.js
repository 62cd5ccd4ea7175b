const token = document.querySelector('#token');
const isWrong = new URLSearchParams(location.search).has('wrong');
document.querySelector('#wrong').hidden = !isWrong;
if (isWrong) token.setAttribute('aria-invalid', 'true');
token.focus();
